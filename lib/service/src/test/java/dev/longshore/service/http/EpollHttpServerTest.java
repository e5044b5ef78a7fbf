package dev.longshore.service.http;

import dev.longshore.service.net.TransportChoice;

final class EpollHttpServerTest extends HttpServerSuite {
  @Override
  TransportChoice choice() {
    return TransportChoice.EPOLL;
  }
}
