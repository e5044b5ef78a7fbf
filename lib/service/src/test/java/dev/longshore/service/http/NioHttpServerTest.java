package dev.longshore.service.http;

import dev.longshore.service.net.TransportChoice;

final class NioHttpServerTest extends HttpServerSuite {
  @Override
  TransportChoice choice() {
    return TransportChoice.NIO;
  }
}
