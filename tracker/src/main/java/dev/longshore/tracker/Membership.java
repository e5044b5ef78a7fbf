package dev.longshore.tracker;

import org.jspecify.annotations.Nullable;

/** One member's part in one blob's swarm. */
final class Membership {
  final Member member;
  final Swarm swarm;

  /** Where it is in its {@link Roster}. */
  int rosterIndex;

  private int held;
  private int pieces;

  long refreshAt;
  long refreshInterval;

  /** {@link Swarm#arrivals} when it was last told of peers. */
  long toldArrivals;

  /** What it reads or has read from the source; null until it does. */
  @Nullable LeaseShare leases;

  Membership(Member member, Swarm swarm) {
    this.member = member;
    this.swarm = swarm;
  }

  void progress(int heldNow, int piecesNow) {
    held = heldNow;
    pieces = piecesNow;
  }

  int held() {
    return held;
  }

  int pieces() {
    return pieces;
  }

  boolean isComplete() {
    return pieces > 0 && held == pieces;
  }

  /** Whether it is among those whom a newcomer hears of first. */
  boolean isPreferred() {
    return isComplete() || member.isSeeder();
  }
}
