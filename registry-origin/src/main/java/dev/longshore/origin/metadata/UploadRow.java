package dev.longshore.origin.metadata;

import dev.longshore.origin.store.StorageKey;
import java.time.Instant;

/**
 * An upload that was started and neither finished nor cancelled.
 *
 * @param id of the session, drawn at random
 * @param key of the object that it fills
 */
public record UploadRow(String id, String repository, StorageKey key, Instant startedAt) {}
