package dev.longshore.cli.standalone;

import dev.longshore.agent.Agent;
import dev.longshore.agent.AgentConfig;
import dev.longshore.origin.Origin;
import dev.longshore.origin.OriginConfig;
import dev.longshore.service.Closer;
import dev.longshore.service.Service;
import dev.longshore.service.http.HttpHandler;
import dev.longshore.service.settings.Settings;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.tracker.Tracker;
import dev.longshore.tracker.TrackerConfig;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The three components as one; the agent believes the key that the origin made. */
final class Standalone implements Service {
  private final Map<String, Service> parts = new LinkedHashMap<>(); // in the order of their start
  private final Closer opened = new Closer();

  private Standalone() {}

  static Standalone start(StandaloneConfig config, MeterRegistry metrics) throws Exception {
    Standalone standalone = new Standalone();
    try {
      standalone.startParts(config, metrics);
      return standalone;
    } catch (Exception | Error e) {
      standalone.opened.closeAfter(e);
      throw e;
    }
  }

  private void startParts(StandaloneConfig config, MeterRegistry metrics) throws Exception {
    String data = config.data().toString();
    Origin origin =
        Origin.start(
            settings(
                OriginConfig.class, "--data", data + "/origin", "--listen", "" + config.listen()),
            metrics,
            System.out::println);
    add("origin", origin);
    String key = data + "/origin/cluster.key.pub";
    Tracker tracker =
        Tracker.start(
            settings(TrackerConfig.class, "--listen", "" + config.tracker(), "--cluster-key", key),
            metrics);
    add("tracker", tracker);
    HostAndPort registry = origin.address();
    add(
        "agent",
        Agent.start(
            settings(
                AgentConfig.class,
                "--data",
                data + "/agent",
                "--mirror",
                "" + config.mirror(),
                "--peer",
                "" + config.peer(),
                "--tracker",
                "" + tracker.listen(),
                "--upstream",
                registry + "=http://" + registry,
                "--cluster-key",
                key),
            metrics));
  }

  private void add(String name, Service part) {
    parts.put(name, opened.register(part));
  }

  /** A component's own settings and defaults, as its command line would give them. */
  private static <C extends Record> C settings(Class<C> type, String... flags) {
    return Settings.load(type, flags);
  }

  @Override
  public Map<String, HostAndPort> addresses() {
    Map<String, HostAndPort> addresses = new LinkedHashMap<>();
    parts.forEach((name, part) ->
        part.addresses()
            // Two of them listen on a "listen": the registry's is the one that users know.
            .forEach((setting, address) ->
                addresses.put(name.equals("tracker") ? "tracker" : setting, address)));
    return addresses;
  }

  @Override
  public List<String> notReady() {
    List<String> reasons = new ArrayList<>();
    parts.forEach(
        (name, part) -> part.notReady().forEach(reason -> reasons.add(name + ": " + reason)));
    return reasons;
  }

  @Override
  public Map<String, HttpHandler> adminPaths() {
    Map<String, HttpHandler> paths = new LinkedHashMap<>();
    parts.values().forEach(part -> paths.putAll(part.adminPaths()));
    return paths;
  }

  @Override
  public Object debug() {
    Map<String, Object> state = new LinkedHashMap<>();
    parts.forEach((name, part) -> state.put(name, part.debug()));
    return state;
  }

  @Override
  public void stop(Duration grace) throws Exception {
    for (Service part : lastFirst()) {
      part.stop(grace);
    }
  }

  @Override
  public void close() throws IOException {
    opened.close();
  }

  private List<Service> lastFirst() {
    return new ArrayList<>(parts.values()).reversed();
  }
}
