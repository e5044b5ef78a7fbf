package dev.longshore.service;

import dev.longshore.service.net.ListenFailedException;
import dev.longshore.service.settings.Settings;
import dev.longshore.service.settings.SettingsException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A process that is one daemon: its arguments, its signals and its exit code. */
final class DaemonProcess<C extends Record & DaemonConfig> {

  static final int STOPPED = 0;
  static final int CANNOT_START = 1;
  static final int BAD_SETTINGS = 2;

  private static final Logger log = LoggerFactory.getLogger(Daemon.class);

  private final String name;
  private final String summary;
  private final Class<C> type;
  private final ServiceStarter<C> starter;
  private final CountDownLatch stop = new CountDownLatch(1);

  DaemonProcess(String name, String summary, Class<C> type, ServiceStarter<C> starter) {
    this.name = name;
    this.summary = summary;
    this.type = type;
    this.starter = starter;
  }

  /** Returns the exit code. */
  int run(String[] arguments) {
    String command = "longshore " + name;
    C config;
    DaemonSettings common;
    try {
      List<Class<? extends Record>> types = List.of(type, DaemonSettings.class);
      Settings settings = Settings.parse(types, arguments);
      if (settings.helpRequested()) {
        System.out.print(Settings.help(command, summary, types));
        return STOPPED;
      }
      config = settings.get(type);
      common = settings.get(DaemonSettings.class);
    } catch (SettingsException e) {
      System.err.println(command + ": " + e.getMessage());
      System.err.println("All settings: " + command + " --help");
      return BAD_SETTINGS;
    }
    ConsoleLogging.use(common.logLevel());
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, e) -> log.error("thread {} died", thread.getName(), e));
    handleSignals();
    return serve(command, config, common);
  }

  private int serve(String command, C config, DaemonSettings common) {
    try (var _ = Daemon.start(name, config, common, starter)) {
      stop.await();
      log.info("{} is stopping, for at most {}", name, common.stopGrace());
    } catch (StartFailedException | ListenFailedException e) {
      log.debug("start failed", e);
      System.err.println(command + ": " + e.getMessage());
      return CANNOT_START;
    } catch (Exception e) {
      log.error("{} cannot start", name, e);
      return CANNOT_START;
    }
    log.info("{} has stopped", name);
    return STOPPED;
  }

  // Not a shutdown hook: a process that ends by a signal of the JVM's own handling exits with 143,
  // and hooks of libraries would run beside the stop instead of after it.
  private void handleSignals() {
    for (String signal : List.of("TERM", "INT")) {
      TerminationSignal.handle(
          signal,
          number -> {
            if (stop.getCount() == 0) {
              log.warn("second SIG{}: ending at once", signal);
              Runtime.getRuntime().halt(128 + number);
            }
            stop.countDown();
          });
    }
  }
}
