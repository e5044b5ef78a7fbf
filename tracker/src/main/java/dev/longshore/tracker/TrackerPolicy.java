package dev.longshore.tracker;

import dev.longshore.swarm.tracker.MemberMessage;
import java.time.Duration;

/**
 * The numbers that {@link TrackerState} decides by.
 *
 * @param peersToNewcomer most peers a member is told when it joins a swarm
 * @param membersToldOfNewcomer how many members of a swarm are told of a newcomer
 * @param farShare this share of the peers told comes from other zones if there are any
 * @param refresh until a member that is not complete is told of peers again; doubles up to a minute
 * @param leaseValidity how long a lease holds without progress
 * @param leaseSilence how long a lease holds of a member that is to tell what it reads and does not
 * @param leaseGrace how long an asker is sent to the holders of a piece before it may read it from
 *     the source again; twice that at most
 * @param leaseRetry what an asker is told to wait
 * @param leaseSettle after a start, no leases for this long: members that are reading say so first
 * @param leasesPerMember most pieces of a blob one member reads at a time
 * @param wantedRetry until another seeder is asked for a blob that the first one does not announce
 * @param maxFindWait longest a map is waited for
 * @param helloTimeout a session that says nothing for so long is closed
 * @param maxMembers sessions
 * @param maxBlobsPerMember announced by one member
 * @param maxMemberships announcements in total
 * @param maxFindsPerMember maps one member waits for
 * @param maxPiecesPerMember pieces of all blobs in which a member takes part in leasing
 * @param maxMapBytes memory for piece maps
 */
record TrackerPolicy(
    int peersToNewcomer,
    int membersToldOfNewcomer,
    double farShare,
    Duration refresh,
    Duration leaseValidity,
    Duration leaseSilence,
    Duration leaseGrace,
    Duration leaseRetry,
    Duration leaseSettle,
    int leasesPerMember,
    Duration wantedRetry,
    Duration maxFindWait,
    Duration helloTimeout,
    int maxMembers,
    int maxBlobsPerMember,
    long maxMemberships,
    int maxFindsPerMember,
    long maxPiecesPerMember,
    long maxMapBytes) {

  static TrackerPolicy defaults() {
    return new TrackerPolicy(
        50,
        5,
        0.06,
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofMillis(1200),
        Duration.ofSeconds(2),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        64,
        Duration.ofSeconds(15),
        Duration.ofMinutes(2),
        Duration.ofSeconds(10),
        100_000,
        MemberMessage.Announce.MOST,
        4_000_000,
        1_024,
        8_000_000,
        256L << 20);
  }

  TrackerPolicy withLeases(Duration validity, Duration settle) {
    return new TrackerPolicy(
        peersToNewcomer,
        membersToldOfNewcomer,
        farShare,
        refresh,
        validity,
        leaseSilence,
        leaseGrace,
        leaseRetry,
        settle,
        leasesPerMember,
        wantedRetry,
        maxFindWait,
        helloTimeout,
        maxMembers,
        maxBlobsPerMember,
        maxMemberships,
        maxFindsPerMember,
        maxPiecesPerMember,
        maxMapBytes);
  }

  TrackerPolicy withMapBytes(long bytes) {
    return new TrackerPolicy(
        peersToNewcomer,
        membersToldOfNewcomer,
        farShare,
        refresh,
        leaseValidity,
        leaseSilence,
        leaseGrace,
        leaseRetry,
        leaseSettle,
        leasesPerMember,
        wantedRetry,
        maxFindWait,
        helloTimeout,
        maxMembers,
        maxBlobsPerMember,
        maxMemberships,
        maxFindsPerMember,
        maxPiecesPerMember,
        bytes);
  }
}
