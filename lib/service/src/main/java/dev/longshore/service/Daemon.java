package dev.longshore.service;

import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A component with its admin endpoint: started, watched, and stopped without loss. */
public final class Daemon implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Daemon.class);

  private final String name;
  private final DaemonSettings settings;
  private final ProcessMeters meters = new ProcessMeters();

  private volatile @Nullable Service service;
  private volatile boolean stopping;
  private @Nullable AdminEndpoint admin;

  private Daemon(String name, DaemonSettings settings) {
    this.name = name;
    this.settings = settings;
  }

  /**
   * What a {@code main} method does, whole: reads settings, starts, waits for SIGTERM or SIGINT,
   * stops. Ends the process: 0 after a stop or {@code --help}, 1 if it cannot start, 2 for settings
   * that cannot be used.
   *
   * @param name the command, such as {@code origin}
   * @param summary one or two sentences for {@code --help}
   */
  public static <C extends Record & DaemonConfig> void run(
      String name, String summary, Class<C> type, String[] arguments, ServiceStarter<C> starter) {
    System.exit(new DaemonProcess<>(name, summary, type, starter).run(arguments));
  }

  /** Starts in this process and returns when every address is bound. For tests, and for run. */
  public static <C extends DaemonConfig> Daemon start(
      String name, C config, DaemonSettings settings, ServiceStarter<C> starter) throws Exception {
    var daemon = new Daemon(name, settings);
    try {
      daemon.start(config, starter);
      return daemon;
    } catch (Exception | Error e) {
      daemon.close();
      throw e;
    }
  }

  private <C extends DaemonConfig> void start(C config, ServiceStarter<C> starter)
      throws Exception {
    admin = new AdminEndpoint(config.admin(), meters.registry(), this::notReady, this::debug);
    Service started = starter.start(config, meters.registry());
    service = started;
    admin.serveAlso(started.adminPaths());
    Path portsFile = settings.portsFile().orElse(null);
    if (portsFile != null) {
      try {
        PortsFile.write(portsFile, addresses());
      } catch (IOException e) {
        throw new StartFailedException("--ports-file " + portsFile + " cannot be written: " + e, e);
      }
    }
    log.info(
        "{} is up: {}",
        name,
        addresses().entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", ")));
  }

  private List<String> notReady() {
    Service running = service;
    if (stopping) {
      return List.of("stopping");
    }
    return running == null ? List.of("starting") : running.notReady();
  }

  private Object debug() {
    Service running = service;
    return running == null ? Map.of() : running.debug();
  }

  /** Every bound address by setting name, {@code admin} among them. */
  public Map<String, HostAndPort> addresses() {
    var all = new LinkedHashMap<String, HostAndPort>();
    Service running = service;
    if (running != null) {
      all.putAll(running.addresses());
    }
    if (admin != null) {
      all.put("admin", admin.address());
    }
    return Collections.unmodifiableMap(all);
  }

  /** Not ready, stop accepting, finish what runs, free everything. */
  @Override
  public void close() {
    stopping = true;
    Service running = service;
    if (running != null) {
      attempt("stop", () -> running.stop(settings.stopGrace()));
      attempt("close", running::close);
    }
    if (admin != null) {
      admin.close();
    }
    meters.close();
    settings
        .portsFile()
        .ifPresent(file -> attempt("remove " + file, () -> Files.deleteIfExists(file)));
  }

  private interface Step {
    void run() throws Exception;
  }

  /** What follows must run even if this fails. */
  private void attempt(String what, Step step) {
    try {
      step.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      log.warn("{} could not {} cleanly", name, what, e);
    }
  }
}
