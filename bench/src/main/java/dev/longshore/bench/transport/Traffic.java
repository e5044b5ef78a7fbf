package dev.longshore.bench.transport;

/** What goes over a transport. */
public enum Traffic {
  SMALL,
  CLEAR,
  TLS
}
