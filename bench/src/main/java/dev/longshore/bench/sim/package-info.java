/**
 * The swarm simulator: thousands of nodes in one thread, on a virtual clock, from a seed. It may
 * touch the shipped state machines of lib/swarm and of the tracker, and no socket, file or clock.
 *
 * <p><b>What is the shipped code.</b> Every download is a {@link
 * dev.longshore.swarm.engine.BlobDownload}, by default with its default settings; the tracker is
 * {@link dev.longshore.tracker.TrackerCore}; when no tracker answers, {@link
 * dev.longshore.swarm.tracker.SelfGrant} decides; what waits at an uplink, and what one who has
 * everything refuses, is for {@link dev.longshore.swarm.engine.UploadRoom} and {@link
 * dev.longshore.swarm.engine.FirstCopies}.
 *
 * <p><b>What is modelled.</b>
 *
 * <ul>
 *   <li>Links. A node has an uplink and a downlink of fixed capacity. The uplink sends one piece at
 *       a time and connections take turns, as {@code PieceSender} and {@code UploadTurns} do; the
 *       downlink takes pieces in the order in which their senders began, and cuts through: an idle
 *       one adds no time. A sender is not slowed by a full downlink; what the receiver has asked
 *       for, and therefore what can wait there, is bounded by the engine.
 *   <li>Latency, one way, within a zone and between zones. A new connection takes five of them.
 *   <li>The node around a download: dials, connections, members of a blob, candidates, peer
 *       exchange, the upload queue and its BUSY, bans, progress told to the tracker, with the
 *       limits of {@code SwarmLimits}.
 *   <li>Verification: a piece is stored its length ÷ the verify rate after it arrived.
 *   <li>HAVE: a node looks for what its peers have stored every 20 ms, so news is up to that much
 *       late, as members tell what they store together.
 *   <li>The source: an uplink of its own; every lease is read in order, reads take turns.
 *   <li>A reader (containerd) before every download, that takes what is next in order at once.
 * </ul>
 *
 * <p><b>What is not modelled.</b> TCP's slow start, loss and congestion between nodes and switches;
 * CPU time of nodes, tracker and source; disks; the bound on bytes of pieces in memory; the search
 * for piece maps (every node has them when it starts); the DHT; lazy readers.
 */
@NullMarked
package dev.longshore.bench.sim;

import org.jspecify.annotations.NullMarked;
