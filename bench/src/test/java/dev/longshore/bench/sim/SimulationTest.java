package dev.longshore.bench.sim;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Small swarms of the shipped state machines; the large ones are {@code longshore bench sim}. */
final class SimulationTest {
  private static final long MB = 1_000_000;

  /** A second's worth of bytes for every link. */
  private static final SimPlan PLAN = SimPlan.of(24, 100 * MB, 100 * MB);

  private static SimResult run(SimPlan plan) {
    return new Simulation(plan).run(simulation -> {});
  }

  @Test
  void run_coldNodes_endNearTheBoundAndTheSourceSendsOnce() {
    SimResult result = run(PLAN.withSourceRate(200 * MB));
    assertThat(result.unfinished()).isZero();
    assertThat(result.seconds()).hasSize(24);
    assertThat(result.bound()).isEqualTo(1.0);
    assertThat(result.percentile(0)).isGreaterThanOrEqualTo(1.0);
    assertThat(result.percentile(99)).isLessThan(2.2);
    assertThat(result.sourceCopies()).isBetween(1.0, 1.05);
    assertThat(result.duplicates()).isLessThan(0.02);
    assertThat(result.refusals()).isZero();
  }

  @Test
  void run_samePlan_sameResult() {
    SimPlan plan = PLAN.withSize(30 * MB).withZones(3).withSlow(0.1).withChurn(0.1);
    assertThat(run(plan)).isEqualTo(run(plan));
    assertThat(run(plan)).isNotEqualTo(run(plan.withSeed(2)));
  }

  @Test
  void run_poisoners_areShutOutAndNobodyElseIs() {
    SimResult result = run(PLAN.withSize(30 * MB).withPoisoners(0.15));
    assertThat(result.poisoners()).isPositive();
    assertThat(result.poisonersBanned()).isEqualTo(result.poisoners());
    assertThat(result.honestBanned()).isZero();
    assertThat(result.corruptPieces()).isPositive();
    assertThat(result.unfinished()).isZero();
  }

  @Test
  void run_trackerDies_theRestGoOnWithoutIt() {
    SimResult result = run(PLAN.withTrackerDeath(MILLISECONDS.toNanos(500)));
    assertThat(result.unfinished()).isZero();
    assertThat(result.sourceCopies()).isBetween(1.0, 1.5);
  }

  @Test
  void run_someHoldEverything_theSourceSendsNothing() {
    SimResult result = run(PLAN.withSize(30 * MB).withHolders(4));
    assertThat(result.unfinished()).isZero();
    assertThat(result.seconds()).hasSize(20);
    assertThat(result.sourceCopies()).isZero();
  }

  @Test
  void run_oneHasItAllAndTheSourceIsClosed_itSendsEachPieceOnceFirst() {
    SimPlan plan = PLAN.withHolders(1).withSeeders(1).withSourceRate(0);
    for (int seed = 1; seed <= 5; seed++) {
      SimResult result = run(plan.withSeed(seed));
      assertThat(result.unfinished()).as("seed %d", seed).isZero();
      assertThat(result.repeats()).as("seed %d", seed).isZero();
      assertThat(result.refusedAgain()).as("seed %d", seed).isPositive();
      assertThat(result.percentile(99)).as("seed %d", seed).isLessThan(1.6);
    }
  }

  @Test
  void run_oneHasItAllAndOthersDie_whatTheyWereSentIsSentAgain() {
    SimPlan plan = PLAN.withHolders(1).withSeeders(1).withSourceRate(0).withChurn(0.5);
    for (int seed = 1; seed <= 5; seed++) {
      SimResult result = run(plan.withSeed(seed));
      assertThat(result.unfinished()).as("seed %d", seed).isZero();
      // Whoever replaces one that died begins later.
      assertThat(result.percentile(100)).as("seed %d", seed).isLessThan(4);
    }
  }

  @Test
  void run_aLoneNodeAndASeeder_takesWhatItsLinkNeeds() {
    SimResult result =
        run(SimPlan.of(2, 100 * MB, 100 * MB).withHolders(1).withSeeders(1).withSourceRate(0));
    assertThat(result.unfinished()).isZero();
    assertThat(result.refusedAgain()).isZero();
    assertThat(result.percentile(100)).isLessThan(1.1);
  }

  @Test
  void run_layersHeld_onlyTheRestIsPulled() {
    SimResult result = run(PLAN.withLayers(5, 4));
    assertThat(result.unfinished()).isZero();
    assertThat(result.bound()).isEqualTo(0.2);
    assertThat(result.sourceCopies()).isBetween(1.0, 1.05);
  }

  @Test
  void run_oneZone_nothingCrosses() {
    assertThat(run(PLAN.withSize(20 * MB)).crossZoneCopies()).isZero();
    assertThat(run(PLAN.withSize(20 * MB).withZones(3)).crossZoneCopies()).isPositive();
  }

  @Test
  void run_nodesThatDie_areReplacedAndAllEnd() {
    SimResult result = run(PLAN.withSize(30 * MB).withChurn(0.3));
    assertThat(result.unfinished()).isZero();
    assertThat(result.seconds().length).isGreaterThanOrEqualTo(24);
  }

  @Test
  void run_slowNodes_endWhenTheirLinksAllow() {
    SimResult result = run(PLAN.withSize(10 * MB).withSlow(0.3));
    assertThat(result.unfinished()).isZero();
    assertThat(result.percentile(100)).isGreaterThanOrEqualTo(10 * result.bound());
  }
}
