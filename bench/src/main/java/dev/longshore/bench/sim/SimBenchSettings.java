package dev.longshore.bench.sim;

import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.DataRate;
import dev.longshore.service.unit.DataSize;
import java.time.Duration;
import java.util.Optional;

/** The settings of {@code bench sim}; what is not given is the scenario's. */
public record SimBenchSettings(
    @Setting(value = "what is played", defaultValue = "kraken") Scenario scenario,
    @Setting("nodes") Optional<Integer> nodes,
    @Setting("nodes that have everything from the beginning") Optional<Integer> holders,
    @Setting("how many of those are seeders") Optional<Integer> seeders,
    @Setting("size of the image") Optional<DataSize> size,
    @Setting("layers of equal size that the image has") Optional<Integer> layers,
    @Setting("layers that every node has already") Optional<Integer> layersHeld,
    @Setting("most that a node sends, and receives") Optional<DataRate> rate,
    @Setting("most that the source sends") Optional<DataRate> sourceRate,
    @Setting("zones that the nodes are spread over") Optional<Integer> zones,
    @Setting(value = "latency within a zone, one way", defaultValue = "250us") Duration near,
    @Setting(value = "latency between zones and to the source", defaultValue = "1ms") Duration far,
    @Setting("over how long the nodes begin") Optional<Duration> arrival,
    @Setting("share of nodes that send wrong bytes, 0 to 1") Optional<Double> poisoners,
    @Setting(value = "share of nodes with a tenth of the rate", defaultValue = "0") double slow,
    @Setting(value = "share of nodes that die and are replaced", defaultValue = "0") double churn,
    @Setting("when the tracker dies") Optional<Duration> trackerDies,
    @Setting("how late a node learns what its peers have got, at most")
        Optional<Duration> newsEvery,
    SimTuning tuning,
    @Setting(value = "of all that is random; the same seed, the same run", defaultValue = "1")
        long seed) {

  public SimBenchSettings {
    inRange("--nodes", nodes.orElse(2), 2, 100_000);
    inRange("--layers", layers.orElse(1), 1, 100);
    inRange("--zones", zones.orElse(1), 1, 1000);
    share("--poisoners", poisoners.orElse(0.0));
    share("--slow", slow);
    share("--churn", churn);
  }

  /** The scenario's plan with what was given instead. */
  SimPlan plan() {
    SimPlan base = scenario.plan();
    SimPlan plan =
        base.withNodes(nodes.orElse(base.nodes()))
            .withHolders(holders.orElse(base.holders()))
            .withSeeders(seeders.orElse(base.seeders()))
            .withSize(size.map(DataSize::bytes).orElse(base.size()))
            .withLayers(layers.orElse(base.layers()), layersHeld.orElse(base.layersHeld()))
            .withRate(rate.map(DataRate::bytesPerSecond).orElse(base.rate()))
            .withSourceRate(sourceRate.map(DataRate::bytesPerSecond).orElse(base.sourceRate()))
            .withZones(zones.orElse(base.zones()))
            .withLatencies(near.toNanos(), far.toNanos())
            .withArrival(arrival.map(Duration::toNanos).orElse(base.arrival()))
            .withPoisoners(poisoners.orElse(base.poisoners()))
            .withSlow(slow)
            .withChurn(churn)
            .withTrackerDeath(trackerDies.map(Duration::toNanos).orElse(base.trackerDies()))
            .withHaveInterval(newsEvery.map(Duration::toNanos).orElse(base.haveInterval()))
            .withTuning(tuning)
            .withSeed(seed);
    inRange("--holders", plan.holders(), 0, plan.nodes() - 1);
    inRange("--seeders", plan.seeders(), 0, plan.holders());
    inRange("--layers-held", plan.layersHeld(), 0, plan.layers() - 1);
    if (plan.size() < plan.layers()) {
      throw new IllegalArgumentException("--size must be a byte a layer, found " + plan.size());
    }
    return plan;
  }

  private static void inRange(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " must be " + least + " to " + most + ", found " + value);
    }
  }

  private static void share(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " must be 0 to 1, found " + value);
    }
  }
}
