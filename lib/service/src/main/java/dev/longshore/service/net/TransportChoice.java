package dev.longshore.service.net;

/** The setting {@code --transport}. */
public enum TransportChoice {
  /** The best that this kernel has: epoll, else NIO. */
  AUTO,
  IO_URING,
  EPOLL,
  NIO
}
