package dev.longshore.bench.measure;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.longshore.service.PortsFile;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process under measurement, with its log in a folder; ended when closed. */
public final class ServerProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(15);

  /** USER_HZ, which is 100 on every Linux that user space sees (man 5 proc). */
  private static final double TICKS_PER_SECOND = 100;

  private static final List<String> INHERITED_FLAGS =
      List.of(
          "--add-opens", "--add-exports", "--enable-native-access", "--sun-misc", "-Dchronicle");

  private final String name;
  private final Process process;
  private final Path log;

  private ServerProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /** Starts any program. */
  public static ServerProcess start(String name, Path folder, List<String> command)
      throws IOException {
    Path log = folder.resolve(name + ".log");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    process.getOutputStream().close();
    return new ServerProcess(name, process, log);
  }

  /**
   * Starts one of our daemons, with the flags that the launcher gives its kind.
   *
   * @param kind such as {@code origin}
   */
  public static ServerProcess startDaemon(
      String name, String kind, String mainClass, Path folder, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(java(kind, mainClass));
    command.addAll(arguments);
    command.addAll(List.of("--ports-file", folder.resolve(name + ".ports").toString()));
    return start(name, folder, command);
  }

  /**
   * The command that runs a main class with the flags that the launcher gives a kind of daemon.
   *
   * @param kind such as {@code origin}
   */
  public static List<String> java(String kind, String mainClass) throws IOException {
    return java(kind, List.of(), mainClass);
  }

  /**
   * The same with flags for the JVM, which win over those of the kind.
   *
   * @param kind such as {@code origin}
   */
  public static List<String> java(String kind, List<String> jvmFlags, String mainClass)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flagFile("common"));
    command.addAll(flagFile(kind));
    startCache(kind).ifPresent(cache -> command.add("-XX:AOTCache=" + cache));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> INHERITED_FLAGS.stream().anyMatch(flag::startsWith))
        .forEach(command::add);
    command.addAll(jvmFlags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
    return command;
  }

  /** Whether our daemons of this kind start from what a rehearsal of it recorded. */
  public static boolean hasStartCache(String kind) {
    return startCache(kind).isPresent();
  }

  private static Optional<Path> startCache(String kind) {
    return Optional.ofNullable(System.getProperty("longshore.start-caches"))
        .map(folder -> Path.of(folder, kind + ".aot"))
        .filter(Files::isReadable);
  }

  /** The launcher's flags are on the class path when it started us; without it, the JVM's own. */
  private static List<String> flagFile(String kind) throws IOException {
    try (InputStream in =
        ServerProcess.class.getResourceAsStream("/dev/longshore/cli/jvm/" + kind + ".args")) {
      return in == null
          ? List.of()
          : new String(in.readAllBytes(), ISO_8859_1)
              .lines()
              .map(String::strip)
              .filter(line -> !line.isEmpty() && !line.startsWith("#"))
              .toList();
    }
  }

  /** Waits until one of our daemons listens, and returns its address by this setting. */
  public HostAndPort address(String setting) throws IOException, InterruptedException {
    Map<String, HostAndPort> all = addresses();
    HostAndPort address = all.get(setting);
    if (address == null) {
      throw new IOException(name + " has no address '" + setting + "', only " + all.keySet());
    }
    return address;
  }

  private Map<String, HostAndPort> addresses() throws IOException, InterruptedException {
    Path file = log.resolveSibling(name + ".ports");
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      try {
        return PortsFile.read(file);
      } catch (NoSuchFileException e) {
        failIfEnded(e);
      }
    }
    throw new IOException(name + " did not listen within " + START_LIMIT + ":\n" + logTail());
  }

  /** Waits until a port answers. */
  public ServerProcess awaitPort(int port) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return this;
      } catch (IOException e) {
        failIfEnded(e);
      }
    }
    throw new IOException(name + " did not listen within " + START_LIMIT + ":\n" + logTail());
  }

  private void failIfEnded(IOException reason) throws IOException, InterruptedException {
    if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
      throw new IOException(
          name + " ended with exit code " + process.exitValue() + ":\n" + logTail(), reason);
    }
  }

  private String logTail() throws IOException {
    List<String> lines = Files.readAllLines(log, ISO_8859_1);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }

  /** CPU time that the process and its children have used, user and system, in seconds. */
  public double cpuSeconds() throws IOException {
    return cpuTime().all();
  }

  /** CPU time that the process and its children have used. */
  public CpuTime cpuTime() throws IOException {
    List<Long> pids;
    try (Stream<ProcessHandle> children = process.descendants()) {
      pids = Stream.concat(Stream.of(process.pid()), children.map(ProcessHandle::pid)).toList();
    }
    CpuTime time = CpuTime.NONE;
    for (long pid : pids) {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), ISO_8859_1);
      // The name in parentheses may hold spaces; utime and stime are fields 14 and 15 (proc(5)).
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      time = time.plus(new CpuTime(seconds(fields[11]), seconds(fields[12])));
    }
    return time;
  }

  private static double seconds(String ticks) {
    return Long.parseLong(ticks) / TICKS_PER_SECOND;
  }

  /** The most resident memory that the process has had, file pages included, in bytes. */
  public long peakMemory() throws IOException {
    return memory("VmHWM");
  }

  /**
   * A figure of the process's memory, in bytes.
   *
   * @param name as in {@code /proc/PID/status}, where it is given in kB that are KiB (proc(5))
   */
  public long memory(String name) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      return lines
              .filter(line -> line.startsWith(name + ":"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .findFirst()
              .orElseThrow(() -> new IOException("no " + name + " of process " + process.pid()))
          << 10;
    }
  }

  /** A port of 127.0.0.1 that was free a moment ago, for programs that cannot choose one. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
