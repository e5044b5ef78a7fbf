package dev.longshore.bench.transport;

import dev.longshore.bench.measure.Orders;
import dev.longshore.bench.measure.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process that sends pieces over one transport and one that receives them over the same. */
final class PiecePair implements AutoCloseable {
  private final Way way;
  private final ServerProcess sender;
  private final ServerProcess receiver;
  private final Orders orders;

  private PiecePair(Way way, ServerProcess sender, ServerProcess receiver) {
    this.way = way;
    this.sender = sender;
    this.receiver = receiver;
    this.orders = new Orders(receiver);
  }

  /** Starts both with the flags of an agent. */
  static PiecePair start(Way way, Path folder, Path pieces, Path keys) throws IOException {
    List<String> arguments =
        List.of("--way", way.name(), "--pieces", pieces.toString(), "--keys", keys.toString());
    return new PiecePair(
        way,
        ServerProcess.startDaemon(
            "sender-" + way.name(), "agent", PieceServer.class.getName(), folder, arguments),
        ServerProcess.startDaemon(
            "receiver-" + way.name(), "agent", PieceClient.class.getName(), folder, arguments));
  }

  Way way() {
    return way;
  }

  /** What sending pieces took: CPU seconds of each process, and seconds between first and last. */
  record Cost(double sender, double receiver, double seconds) {}

  Cost send(Sending sending, int pieces, boolean check) throws IOException, InterruptedException {
    String order =
        "/receive?from="
            + sender.address(sending.setting())
            + "&sending="
            + sending.name()
            + "&pieces="
            + pieces
            + "&check="
            + check;
    double senderBefore = sender.cpuSeconds();
    double receiverBefore = receiver.cpuSeconds();
    double seconds = Long.parseLong(orders.send(order)) / 1e9;
    return new Cost(
        sender.cpuSeconds() - senderBefore, receiver.cpuSeconds() - receiverBefore, seconds);
  }

  @Override
  public void close() {
    orders.close();
    receiver.close();
    sender.close();
  }
}
