/**
 * The image model of the OCI image and distribution specifications: digests, references, manifests.
 * Knows nothing of files, sockets or the swarm; {@code oci.client} and {@code oci.layout} do.
 */
@NullMarked
package dev.longshore.oci;

import org.jspecify.annotations.NullMarked;
