package dev.longshore.service;

import dev.longshore.service.unit.HostAndPort;

/** What the settings record of every daemon has. */
public interface DaemonConfig {

  /** Where {@code /metrics}, {@code /healthz}, {@code /readyz} and {@code /debug} are served. */
  HostAndPort admin();
}
