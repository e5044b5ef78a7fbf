package dev.longshore.service.http;

import dev.longshore.service.net.TransportChoice;

final class IoUringHttpServerTest extends HttpServerSuite {
  @Override
  TransportChoice choice() {
    return TransportChoice.IO_URING;
  }
}
