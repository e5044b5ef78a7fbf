package dev.longshore.bench.start;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.longshore.bench.measure.Samples;
import dev.longshore.bench.measure.ServerProcess;
import dev.longshore.bench.measure.Table;
import dev.longshore.bench.measure.TemporaryFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An agent from the start of its process to {@code /readyz}, and idle after that. */
public final class StartBench {
  private static final double MEBIBYTE = 1 << 20;
  private static final String ANY = "127.0.0.1:0";
  private static final String AGENT = "dev.longshore.agent.AgentMain";
  private static final String READY = "HTTP/1.1 200 ";
  private static final byte[] QUESTION =
      "GET /readyz HTTP/1.1\r\nHost: agent\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1);

  private final StartBenchSettings settings;
  private final PrintStream out;
  private final Path folder;

  private StartBench(StartBenchSettings settings, PrintStream out, Path folder) {
    this.settings = settings;
    this.out = out;
    this.folder = folder;
  }

  /** Measures and prints the table. */
  public static void run(StartBenchSettings settings, PrintStream out) throws Exception {
    try (TemporaryFolder folder = TemporaryFolder.create("longshore-bench-start")) {
      new StartBench(settings, out, folder.path()).compare();
    }
  }

  private void compare() throws IOException, InterruptedException {
    boolean cached = ServerProcess.hasStartCache("agent");
    if (!cached) {
      out.println("No start cache: ./longshore prepare makes it");
    }
    Row without = new Row("without start cache", List.of("-XX:AOTMode=off"));
    Row with = new Row("with start cache", List.of());
    List<String> origin = List.of("--listen", ANY, "--admin", ANY, "--data", data("origin"));
    try (ServerProcess source = daemon("origin", "origin.OriginMain", origin)) {
      var _ = source.address("listen");
      String key = data("origin") + "/cluster.key.pub";
      List<String> own = List.of("--listen", ANY, "--admin", ANY, "--cluster-key", key);
      try (ServerProcess tracker = daemon("tracker", "tracker.TrackerMain", own)) {
        List<String> agent =
            List.of(
                "--tracker", tracker.address("listen").toString(),
                "--upstream", "bench.longshore.test=http://" + source.address("listen"),
                "--cluster-key", key,
                "--mirror", ANY,
                "--peer", ANY);
        for (int round = 1; round <= settings.rounds(); round++) {
          measure(without, round, agent);
          if (cached) {
            measure(with, round, agent);
          }
        }
      }
    }
    Table table =
        new Table("medians", "ready, s", "CPU by then, s", "resident, MiB", "anonymous, MiB");
    without.addTo(table);
    with.addTo(table);
    out.println();
    table.print(out);
  }

  private ServerProcess daemon(String name, String main, List<String> arguments)
      throws IOException {
    return ServerProcess.startDaemon(name, name, "dev.longshore." + main, folder, arguments);
  }

  private String data(String name) {
    return folder.resolve(name).toString();
  }

  /** A new agent on an empty folder. */
  private void measure(Row row, int round, List<String> arguments)
      throws IOException, InterruptedException {
    String name = "agent-" + round + (row.flags.isEmpty() ? "-with" : "-without");
    int admin = ServerProcess.freePort();
    List<String> command = new ArrayList<>(ServerProcess.java("agent", row.flags, AGENT));
    command.addAll(arguments);
    command.addAll(List.of("--data", data(name), "--admin", "127.0.0.1:" + admin));
    long start = System.nanoTime();
    try (ServerProcess agent = ServerProcess.start(name, folder, command)) {
      agent.awaitPort(admin);
      while (!ready(admin)) {
        Thread.onSpinWait(); // each question waits for its answer
      }
      row.ready.add((System.nanoTime() - start) / 1e9);
      row.cpu.add(agent.cpuSeconds());
      Thread.sleep(settings.idle());
      row.resident.add(agent.memory("VmRSS") / MEBIBYTE);
      row.anonymous.add(agent.memory("RssAnon") / MEBIBYTE);
      out.println("Round " + round + " of " + settings.rounds() + ": " + row.last());
    }
  }

  private static boolean ready(int admin) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), admin)) {
      socket.getOutputStream().write(QUESTION);
      String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
      return answer.startsWith(READY);
    }
  }

  /** What was measured of starts with the same flags. */
  private static final class Row {
    private final String name;
    private final List<String> flags;
    private final Samples ready = new Samples();
    private final Samples cpu = new Samples();
    private final Samples resident = new Samples();
    private final Samples anonymous = new Samples();

    Row(String name, List<String> flags) {
      this.name = name;
      this.flags = flags;
    }

    String last() {
      return name
          + ", so far: ready after "
          + Table.figure(ready.median())
          + " s, "
          + Table.figure(resident.median())
          + " MiB";
    }

    void addTo(Table table) {
      table.row(
          name,
          Table.figure(ready.median()),
          Table.figure(cpu.median()),
          Table.figure(resident.median()),
          Table.figure(anonymous.median()));
    }
  }
}
