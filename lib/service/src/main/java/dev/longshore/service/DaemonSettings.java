package dev.longshore.service;

import dev.longshore.service.settings.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The settings that every daemon takes beside its own.
 *
 * @param logLevel of Longshore's own messages
 * @param portsFile for a parent process that started the daemon on port 0
 * @param stopGrace before running requests are cut off
 */
public record DaemonSettings(
    @Setting(value = "how much is logged", defaultValue = "info") LogLevel logLevel,
    @Setting("written once everything listens: one line name=host:port for each address")
        Optional<Path> portsFile,
    @Setting(value = "how long running requests may take after SIGTERM", defaultValue = "30s")
        Duration stopGrace) {

  /** For tests and for components that run inside another process. */
  public static DaemonSettings defaults() {
    return new DaemonSettings(LogLevel.INFO, Optional.empty(), Duration.ofSeconds(30));
  }
}
