package dev.longshore.lazy.snapshot;

import dev.longshore.oci.Digest;
import java.nio.file.Path;

/**
 * A mounted layer.
 *
 * @param directory where its files are. It should be {@code ROOT/snapshots/NAME/fs}, see {@link
 *     Snapshots#folderOfMounts}, with a NAME of a few characters of which not all are digits: only
 *     lower directories beside each other, with short names, fit mount(2)'s page of options a
 *     hundred times.
 * @param diffId digest of the uncompressed layer (OCI image-spec, config.md): a layer that is not
 *     what the image's configuration says is refused
 */
public record LayerMount(Path directory, Digest diffId) implements MountAnswer {}
