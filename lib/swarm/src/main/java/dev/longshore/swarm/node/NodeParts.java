package dev.longshore.swarm.node;

import dev.longshore.service.net.TokenBucket;
import dev.longshore.service.net.Transport;
import dev.longshore.swarm.discovery.LeaseBroker;
import dev.longshore.swarm.wire.PieceBuffers;
import java.util.concurrent.ExecutorService;

/**
 * What the parts of one node share.
 *
 * @param listenPort the port that was bound
 * @param budget room for pieces that arrive, reserved before a buffer is taken
 * @param download paces what is received, from peers and from the source
 * @param requests orders what is asked for
 * @param turns paces what is sent
 * @param background virtual threads, for whatever may block
 * @param sourceThreads read sources
 */
record NodeParts(
    SwarmNodeConfig config,
    int listenPort,
    Transport transport,
    LeaseBroker leases,
    Meters meters,
    ByteBudget budget,
    PieceBuffers buffers,
    PieceVerifier verifier,
    BanList bans,
    UploadTurns turns,
    TokenBucket download,
    DownloadTurns requests,
    SharedBlobs blobs,
    ConnectionTable table,
    Dialer dialer,
    ExecutorService background,
    SourceThreads sourceThreads) {

  SwarmLimits limits() {
    return config.limits();
  }
}
