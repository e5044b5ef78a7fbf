package dev.longshore.swarm.node;

import java.time.Duration;

/**
 * What bounds a member's memory, sockets and patience, however many peers there are.
 *
 * @param maxConnections connections that have said HELLO, both ways together; an eighth of them is
 *     kept for those that this member dials
 * @param maxHandshakes accepted connections that have not said HELLO; one more drops the oldest
 * @param maxDials connection attempts under way
 * @param peersPerBlob connected peers of one blob at which no more are dialed for it
 * @param candidatesPerBlob known but unconnected peers remembered for one blob
 * @param blobsPerConnection blobs that one peer may exchange with this member at a time, and things
 *     of no use that it may say at once
 * @param uploadQueue requests of one peer that wait their turn; more are answered BUSY
 * @param inFlightBytes bytes of pieces that are being received or verified
 * @param helloTimeout from the connection's start to its HELLO
 * @param dialTimeout for a connection attempt
 * @param keepAlive a connection that sent nothing for so long sends a keep-alive
 * @param silence a connection that received nothing for so long is dead
 * @param idle a connection that shares no blob for so long is closed
 * @param stall a frame, be it a piece, that began to arrive and then gains next to nothing for so
 *     long is given up together with its connection
 * @param minBackoff first wait before a peer that could not be reached is dialed again; doubles
 * @param maxBackoff longest such wait
 * @param ban how long a peer that sent wrong bytes is shut out
 */
public record SwarmLimits(
    int maxConnections,
    int maxHandshakes,
    int maxDials,
    int peersPerBlob,
    int candidatesPerBlob,
    int blobsPerConnection,
    int uploadQueue,
    long inFlightBytes,
    Duration helloTimeout,
    Duration dialTimeout,
    Duration keepAlive,
    Duration silence,
    Duration idle,
    Duration stall,
    Duration minBackoff,
    Duration maxBackoff,
    Duration ban) {

  public SwarmLimits {
    atLeastOne("maxConnections", maxConnections);
    atLeastOne("maxHandshakes", maxHandshakes);
    atLeastOne("maxDials", maxDials);
    atLeastOne("peersPerBlob", peersPerBlob);
    atLeastOne("candidatesPerBlob", candidatesPerBlob);
    atLeastOne("blobsPerConnection", blobsPerConnection);
    atLeastOne("uploadQueue", uploadQueue);
    atLeastOne("inFlightBytes", inFlightBytes);
  }

  /** What an agent on an ordinary node uses. */
  public static SwarmLimits defaults() {
    return new SwarmLimits(
        512,
        256,
        32,
        16,
        512,
        4096,
        64,
        64L << 20,
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        Duration.ofSeconds(20),
        Duration.ofSeconds(60),
        Duration.ofMinutes(2),
        Duration.ofSeconds(15),
        Duration.ofMillis(500),
        Duration.ofMinutes(1),
        Duration.ofMinutes(10));
  }

  private static void atLeastOne(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, found " + value);
    }
  }
}
