package dev.longshore.tracker;

/** Which members that read under leases have fallen silent. Not thread-safe. */
final class Heartbeats {
  /*
   * A machine that loses its power or its network says nothing, and it takes the connection a
   * quarter of a minute to find out. Meanwhile nobody else may read what it was to read. So a member
   * tells over and over what it is reading (LeaseHeld), and one that does so and is not heard for a
   * second or so is taken for dead as far as leases go. If it was only slow it gets back what nobody
   * has asked for since. Members of earlier builds say it once at most; theirs last as long as they
   * did.
   *
   * A tracker that stood still itself has heard nobody, and that is nobody's silence.
   */

  private final long silence;
  private long lastLook;

  /** Since when this tracker has looked without a break. */
  private long lookingSince;

  Heartbeats(TrackerPolicy policy, long now) {
    this.silence = policy.leaseSilence().toNanos();
    this.lastLook = now;
    this.lookingSince = now;
  }

  /** Something happens at the tracker, a few times a second at least. */
  void look(long now) {
    if (now - lastLook >= silence / 2) {
      lookingSince = now;
    }
    lastLook = now;
  }

  /** A member said something. */
  void heard(Member member, long now) {
    member.heardAt = now;
  }

  /** A member told again what it is reading: from now on it is expected to. */
  void beats(Member member) {
    member.beats = true;
  }

  boolean isSilent(Member member, long now) {
    return member.beats && now - silentAt(member, Long.MAX_VALUE) >= 0;
  }

  /** When a member will be taken for dead if nothing is heard of it; never: as given. */
  long silentAt(Member member, long never) {
    if (!member.beats) {
      return never;
    }
    boolean brokenSince = lookingSince - member.heardAt > 0;
    return (brokenSince ? lookingSince : member.heardAt) + silence;
  }
}
