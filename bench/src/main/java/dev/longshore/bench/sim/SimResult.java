package dev.longshore.bench.sim;

import java.util.Arrays;

/**
 * What came of a simulation. Two of the same plan are equal.
 *
 * @param seconds that the nodes took which pulled, in order
 * @param bound seconds that no swarm could be faster than
 * @param unfinished nodes that did not get everything
 * @param sourceCopies bytes that the source sent ÷ the image
 * @param crossZoneCopies bytes that crossed between zones ÷ the image
 * @param crossZoneShare bytes that crossed between zones ÷ bytes that peers sent
 * @param duplicates share of pieces that arrived and were not needed
 * @param hedges requests for what another owes too ÷ pieces that were stored
 * @param poisoners nodes that sent wrong bytes
 * @param poisonersBanned poisoners that some node shut out
 * @param corruptPieces pieces that did not match their hash
 * @param bans of a node by a node
 * @param honestBanned nodes that were shut out and sent nothing wrong
 * @param busy requests that were answered BUSY
 * @param refusedAgain requests that were refused because the piece was on its way to another
 * @param repeats pieces that one who had all sent again before it had sent each once
 * @param refusals members that the tracker turned away
 * @param events that happened
 */
@SuppressWarnings("ArrayRecordComponent") // compared and printed by the methods below
record SimResult(
    double[] seconds,
    double bound,
    int unfinished,
    double sourceCopies,
    double crossZoneCopies,
    double crossZoneShare,
    double duplicates,
    double hedges,
    long poisoners,
    long poisonersBanned,
    long corruptPieces,
    long bans,
    long honestBanned,
    long busy,
    long refusedAgain,
    long repeats,
    long refusals,
    long events) {

  static SimResult of(Simulation simulation) {
    SimPlan plan = simulation.plan();
    Tally tally = simulation.tally();
    double image = plan.missing();
    double[] seconds =
        simulation.nodes().stream()
            .mapToLong(SimNode::duration)
            .filter(nanos -> nanos > 0)
            .mapToDouble(nanos -> nanos / 1e9)
            .sorted()
            .toArray();
    return new SimResult(
        seconds,
        bound(plan),
        simulation.unfinished(),
        tally.sourceBytes / image,
        tally.crossZoneBytes / image,
        tally.peerBytes == 0 ? 0 : (double) tally.crossZoneBytes / tally.peerBytes,
        (double) tally.duplicates / Math.max(1, tally.piecesStored),
        (double) tally.hedges / Math.max(1, tally.piecesStored),
        simulation.nodes().stream().filter(SimNode::poisons).count(),
        simulation.bannedOf(true),
        tally.corruptPieces,
        tally.bans,
        simulation.bannedOf(false),
        tally.busy,
        tally.refusedAgain,
        tally.repeats,
        tally.trackerRefusals,
        simulation.events().executed());
  }

  /** The longer of what one downlink needs, and the source for one copy if nobody has one. */
  private static double bound(SimPlan plan) {
    double line = plan.missing() / (double) plan.rate();
    double source = plan.holders() > 0 ? 0 : plan.missing() / (double) plan.sourceRate();
    return Math.max(line, source);
  }

  /** So many nodes in a hundred took at most so long; NaN if none is done. */
  double percentile(double percent) {
    if (seconds.length == 0) {
      return Double.NaN;
    }
    int rank = (int) Math.ceil(percent / 100 * seconds.length);
    return seconds[Math.clamp(rank - 1, 0, seconds.length - 1)];
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof SimResult other && toString().equals(other.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  @Override
  public String toString() {
    return Arrays.toString(seconds)
        + " bound "
        + bound
        + " unfinished "
        + unfinished
        + " source "
        + sourceCopies
        + " crossZone "
        + crossZoneCopies
        + " share "
        + crossZoneShare
        + " duplicates "
        + duplicates
        + " hedges "
        + hedges
        + " poisoners "
        + poisonersBanned
        + "/"
        + poisoners
        + " corrupt "
        + corruptPieces
        + " bans "
        + bans
        + " honestBanned "
        + honestBanned
        + " busy "
        + busy
        + " refusedAgain "
        + refusedAgain
        + " repeats "
        + repeats
        + " refusals "
        + refusals
        + " events "
        + events;
  }
}
