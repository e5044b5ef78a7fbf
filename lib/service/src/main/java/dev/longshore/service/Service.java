package dev.longshore.service;

import dev.longshore.service.http.HttpHandler;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A running component, as its daemon sees it. */
public interface Service extends AutoCloseable {

  /** What it listens on, by the name of the setting, such as {@code listen} or {@code peer}. */
  Map<String, HostAndPort> addresses();

  /** Why it cannot serve right now, one phrase each; empty when it can. Called often. */
  default List<String> notReady() {
    return List.of();
  }

  /** What {@code /debug} shows as JSON: maps, lists, records, strings and numbers. */
  default Object debug() {
    return Map.of();
  }

  /**
   * What it serves at its admin address beside {@code /metrics} and the like, by exact path; asked
   * once, after the start. Runs on the admin address's own loop.
   */
  default Map<String, HttpHandler> adminPaths() {
    return Map.of();
  }

  /** Takes no new work and finishes what is running, within the grace. {@link #close} follows. */
  default void stop(Duration grace) throws Exception {}

  /** Frees everything: threads, sockets, files. */
  @Override
  void close() throws IOException;
}
