package dev.longshore.seeder;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.SourceRef;

/**
 * A blob that somebody wants.
 *
 * @param size as the one who wants it says; the source has the last word
 */
record WantedBlob(Digest digest, long size, SourceRef source) {}
