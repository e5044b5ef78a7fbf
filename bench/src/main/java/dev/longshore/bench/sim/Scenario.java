package dev.longshore.bench.sim;

import static java.util.concurrent.TimeUnit.SECONDS;

/** What is played; each has its own defaults. */
public enum Scenario {
  KRAKEN("Kraken's benchmark: 2,600 hosts pull 3 GB in two layers, 300 MB/s each"),
  FLASH("a cold image, everybody at once, three zones, 10 Gbit/s"),
  ROLLING("nodes come one after the other and have four of five layers already"),
  SCALE("100 nodes have the image, 1,000 more come at once"),
  SEED("a seeder has the image, 300 nodes come at once, and the source is closed"),
  POISON("one node in twenty claims to have everything and sends wrong bytes"),
  TRACKER_LOSS("the tracker dies halfway and stays away");

  private static final long GB = 1_000_000_000;
  private static final long TEN_GIGABIT = 1_250_000_000;
  private static final long CAP = 300_000_000;

  private final String summary;

  Scenario(String summary) {
    this.summary = summary;
  }

  String summary() {
    return summary;
  }

  SimPlan plan() {
    return switch (this) {
      // Five origins there; here a source that sends as much as five hosts.
      case KRAKEN -> SimPlan.of(2600, 3 * GB, CAP).withLayers(2, 0).withSourceRate(5 * CAP);
      case FLASH -> SimPlan.of(10_000, 3L << 30, TEN_GIGABIT).withZones(3);
      case ROLLING ->
          SimPlan.of(1000, 3 * GB, CAP).withLayers(5, 4).withArrival(SECONDS.toNanos(20));
      case SCALE -> SimPlan.of(1100, 3 * GB, CAP).withLayers(2, 0).withHolders(100);
      case SEED ->
          SimPlan.of(301, 3 * GB, CAP)
              .withLayers(2, 0)
              .withHolders(1)
              .withSeeders(1)
              .withSourceRate(0);
      case POISON -> SimPlan.of(1000, 3 * GB, CAP).withLayers(2, 0).withPoisoners(0.05);
      case TRACKER_LOSS ->
          SimPlan.of(1000, 3 * GB, CAP).withLayers(2, 0).withTrackerDeath(SECONDS.toNanos(5));
    };
  }
}
