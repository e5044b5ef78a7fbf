package dev.longshore.bench.transport;

import dev.longshore.bench.measure.Samples;
import dev.longshore.bench.measure.Table;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pieces over one transport, sent in one way, and what they cost both ends. */
final class PieceLane {
  private final PiecePair pair;
  private final Sending sending;
  private final Samples sender = new Samples();
  private final Samples receiver = new Samples();
  private final Samples rate = new Samples();
  private int failures;

  PieceLane(PiecePair pair, Sending sending) {
    this.pair = pair;
    this.sending = sending;
  }

  boolean isSecure() {
    return sending.isSecure();
  }

  /**
   * Sends pieces; those that do not count are compared byte by byte instead.
   *
   * @return what went wrong on the way, or null
   */
  @Nullable String measure(int pieces, boolean counts) throws InterruptedException {
    PiecePair.Cost cost;
    try {
      cost = pair.send(sending, pieces, !counts);
    } catch (IOException e) {
      String failure = this + ": " + e.getMessage();
      failures++;
      return failure;
    }
    double gigabytes = (double) pieces * PieceFile.PIECE / 1e9;
    if (counts) {
      sender.add(cost.sender() / gigabytes);
      receiver.add(cost.receiver() / gigabytes);
      rate.add(gigabytes * 1e3 / cost.seconds());
    }
    return null;
  }

  @Override
  public String toString() {
    String name = pair.way() + ", " + sending;
    return failures == 0 ? name : name + " (failures: " + failures + ")";
  }

  /** The least CPU is the figure to compare: what else runs on the machine only ever adds. */
  static Table table(String what, List<PieceLane> lanes) {
    Table table =
        new Table(
            what + ", CPU s a GB",
            "sender: median",
            "least",
            "÷ first",
            "receiver: median",
            "least",
            "÷ first",
            "MB/s");
    for (PieceLane lane : lanes) {
      table.row(
          lane.toString(),
          Table.figure(lane.sender.median()),
          Table.figure(lane.sender.least()),
          Table.ratio(lane.sender.least(), lanes.getFirst().sender.least()),
          Table.figure(lane.receiver.median()),
          Table.figure(lane.receiver.least()),
          Table.ratio(lane.receiver.least(), lanes.getFirst().receiver.least()),
          Table.figure(lane.rate.median()));
    }
    return table;
  }
}
