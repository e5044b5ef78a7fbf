package dev.longshore.bench.path;

import dev.longshore.bench.measure.Orders;
import dev.longshore.bench.measure.ServerProcess;
import dev.longshore.service.net.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** One {@link PathMember} in a process of its own, with the flags of an agent. */
final class PathProcess implements AutoCloseable {
  private final ServerProcess process;
  private final Orders orders;

  private PathProcess(ServerProcess process) {
    this.process = process;
    this.orders = new Orders(process);
  }

  static PathProcess start(
      Path folder, Transport.Kind transport, String name, PathBenchSettings settings, boolean holds)
      throws IOException {
    String kind = transport.name().toLowerCase(Locale.ROOT);
    String own = name + "-" + kind;
    ServerProcess process =
        ServerProcess.startDaemon(
            own,
            "agent",
            PathMember.class.getName(),
            folder,
            List.of(
                "--data",
                folder.resolve(own).toString(),
                "--transport",
                kind,
                "--size",
                settings.size().bytes() + "B",
                "--download-limit",
                settings.cap().toString(),
                "--holds=" + holds));
    return new PathProcess(process);
  }

  /** Where it listens for the other member. */
  String peer() throws IOException, InterruptedException {
    return process.address("peer").toString();
  }

  ServerProcess process() {
    return process;
  }

  /**
   * Sends an order and waits until it was carried out.
   *
   * @param order path and query
   * @return seconds it took
   */
  double order(String order) throws IOException, InterruptedException {
    long start = System.nanoTime();
    var _ = orders.send(order);
    return (System.nanoTime() - start) / 1e9;
  }

  @Override
  public void close() {
    orders.close();
    process.close();
  }
}
