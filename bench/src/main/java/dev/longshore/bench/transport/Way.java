package dev.longshore.bench.transport;

import dev.longshore.service.net.Transport;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.net.UringTuning;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A transport and what is switched on in it. */
public enum Way {
  EPOLL(Transport.Kind.EPOLL, false, false),
  NIO(Transport.Kind.NIO, false, false),
  IO_URING(Transport.Kind.IO_URING, false, false),
  IO_URING_RING(Transport.Kind.IO_URING, true, false),
  IO_URING_ZERO_COPY(Transport.Kind.IO_URING, false, true),
  IO_URING_RING_ZERO_COPY(Transport.Kind.IO_URING, true, true);

  private static final int RING_BUFFERS = 64;

  private final Transport.Kind kind;
  private final boolean ring;
  private final boolean zeroCopy;

  Way(Transport.Kind kind, boolean ring, boolean zeroCopy) {
    this.kind = kind;
    this.ring = ring;
    this.zeroCopy = zeroCopy;
  }

  Transport.Kind kind() {
    return kind;
  }

  /**
   * Starts event loops.
   *
   * @param threads how many
   * @param ringBufferBytes size of a ring's buffers
   * @param zeroCopyFrom bytes from which on buffers are sent without a copy, where that is on
   */
  Transport open(String name, int threads, int ringBufferBytes, int zeroCopyFrom) {
    if (!ring && !zeroCopy) {
      return Transport.choose(TransportChoice.valueOf(kind.name()), name, threads);
    }
    return Transport.tuned(
        new UringTuning(
            ring ? RING_BUFFERS : 0, ringBufferBytes, zeroCopy ? zeroCopyFrom : UringTuning.NEVER),
        name,
        threads);
  }

  /** How pieces can be sent; zero-copy is for buffers, and changes nothing for a file. */
  List<Sending> sendings() {
    List<Sending> all = new ArrayList<>(List.of(Sending.values()));
    if (zeroCopy) {
      all.remove(Sending.SENDFILE);
    }
    return all;
  }

  @Override
  public String toString() {
    return kind.name().toLowerCase(Locale.ROOT)
        + (ring ? " + ring" : "")
        + (zeroCopy ? " + zero-copy" : "");
  }
}
