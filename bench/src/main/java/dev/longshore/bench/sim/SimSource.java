package dev.longshore.bench.sim;

import java.util.BitSet;

/** The registry behind the swarm: reads what was leased, each lease in order, leases in turns. */
final class SimSource {
  private final Simulation simulation;
  private final Uplink uplink;

  SimSource(Simulation simulation) {
    this.simulation = simulation;
    this.uplink = new Uplink(simulation.events(), simulation.plan().sourceRate());
  }

  /** A node begins to read; its request is on the way. */
  void read(SimDownload download, BitSet pieces) {
    if (simulation.plan().sourceRate() == 0) {
      simulation.events().after(2 * simulation.plan().far(), () -> download.sourceClosed(pieces));
      return;
    }
    Read read = new Read(download, (BitSet) pieces.clone());
    simulation.events().after(simulation.plan().far(), () -> uplink.ask(read));
  }

  private final class Read extends Uplink.Lane {
    private final SimDownload download;
    private final BitSet left;

    Read(SimDownload download, BitSet left) {
      this.download = download;
      this.left = left;
    }

    @Override
    int share() {
      return 0; // a registry knows nobody's needs
    }

    @Override
    Object blob() {
      return uplink; // nor which blob others want
    }

    @Override
    int bytes() {
      return download.blob().layout().length(left.nextSetBit(0));
    }

    @Override
    boolean isWaiting() {
      return !left.isEmpty() && download.isRunning();
    }

    @Override
    int begin() {
      int piece = left.nextSetBit(0);
      left.clear(piece);
      int bytes = download.blob().layout().length(piece);
      long begins = simulation.events().now() + simulation.plan().far();
      long here = download.node().downlink().take(bytes, begins, begins + uplink.time(bytes));
      simulation.events().at(here, () -> arrived(piece, bytes));
      return bytes;
    }

    private void arrived(int piece, int bytes) {
      simulation.tally().sourceBytes += bytes;
      if (download.isRunning()) {
        download.arrived(null, piece);
      }
    }
  }
}
