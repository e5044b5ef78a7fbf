package dev.longshore.service.http;

import dev.longshore.service.net.Transport;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.net.UringTuning;

/** What io_uring has besides, which no daemon uses: the right answers, but unbounded memory. */
final class TunedIoUringHttpServerTest extends HttpServerSuite {
  @Override
  TransportChoice choice() {
    return TransportChoice.IO_URING;
  }

  @Override
  Transport open() {
    return Transport.tuned(new UringTuning(8, 4 << 10, 1 << 10), "test", 1);
  }

  /** A ring goes on receiving when reading was switched off (docs/decisions/0019). */
  @Override
  boolean holdsBack() {
    return false;
  }
}
