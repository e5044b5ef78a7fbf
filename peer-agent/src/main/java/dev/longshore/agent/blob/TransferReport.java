package dev.longshore.agent.blob;

import org.jspecify.annotations.Nullable;

/**
 * One blob's way to this node, as {@code /debug} shows it under {@code downloads}.
 *
 * @param digest the blob
 * @param size its bytes
 * @param source {@code registry/repository}
 * @param state {@code running}, {@code complete}, {@code stopped} (nobody wanted it any more) or
 *     {@code failed}
 * @param startedAt ISO-8601
 * @param millis how long it took, or takes so far
 * @param fromSource verified bytes read at the source by this agent
 * @param fromSeeders verified bytes that seeders sent
 * @param fromPeers verified bytes that other agents sent
 * @param reason why it failed, else null
 */
public record TransferReport(
    String digest,
    long size,
    String source,
    String state,
    String startedAt,
    long millis,
    long fromSource,
    long fromSeeders,
    long fromPeers,
    @Nullable String reason) {}
