package dev.longshore.origin.metadata;

import dev.longshore.oci.Digest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A manifest in a referrers list. */
public record ReferrerRow(
    Digest digest,
    String mediaType,
    long size,
    @Nullable String artifactType,
    Map<String, String> annotations) {}
