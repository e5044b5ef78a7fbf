package dev.longshore.lazy.snapshot;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the files of snapshots are: in folders of their own, or where their layers are mounted. */
final class SnapshotTrees {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotTrees.class);

  private final SnapshotTable table;
  private final SnapshotFolders folders;
  private final MountedLayers layers;

  SnapshotTrees(SnapshotTable table, SnapshotFolders folders, MountedLayers layers) {
    this.table = table;
    this.folders = folders;
    this.layers = layers;
  }

  /**
   * The directories of a chain, in its order.
   *
   * @throws SnapshotException unavailable, if one of its layers is not mounted
   */
  List<Path> of(List<SnapshotRecord> chain) throws SnapshotException, IOException {
    List<Path> directories = new ArrayList<>(chain.size());
    for (SnapshotRecord record : chain) {
      Optional<Digest> layer = record.layer();
      directories.add(
          layer.isPresent() ? layers.directory(layer.get()) : folders.of(record.id()).files());
    }
    return directories;
  }

  /** What makes an active snapshot or a view visible. */
  List<Mount> mounts(SnapshotRecord record) throws SnapshotException, IOException {
    return MountRecipe.of(
        record.kind(), folders.of(record.id()), below(record), OverlayOptions.ofThisKernel());
  }

  private List<Path> below(SnapshotRecord record) throws SnapshotException, IOException {
    String parent = record.info().parent();
    return parent.isEmpty() ? List.of() : of(table.chain(parent));
  }

  /** Makes the folder of an active snapshot or a view that lies on these directories. */
  void create(long id, Kind kind, Map<String, String> labels, List<Path> below)
      throws SnapshotException, IOException {
    folders.create(id, kind, owner(labels, below));
  }

  /** The root directory of a merged tree is that of the upper one: it should not change hands. */
  private static @Nullable IdMapping owner(Map<String, String> labels, List<Path> below)
      throws SnapshotException, IOException {
    Optional<IdMapping> mapped = IdMapping.of(labels);
    if (mapped.isPresent() || below.isEmpty()) {
      return mapped.orElse(null);
    }
    return SnapshotFolders.ownerOf(below.getFirst());
  }

  /** Makes anew what a loss of power took of a folder that was never committed. */
  void complete(SnapshotRecord record) throws IOException {
    if (record.layer().isPresent() || folders.isWhole(record.id(), record.kind())) {
      return;
    }
    if (record.kind() == Kind.COMMITTED) {
      LOG.error(
          "the files of snapshot {} are gone from {}; remove its image and pull it again",
          record.name(),
          folders.of(record.id()).files());
      return;
    }
    LOG.warn("the folder of snapshot {} was lost with the power; it is empty now", record.name());
    try {
      create(record.id(), record.kind(), record.info().labels(), below(record));
    } catch (SnapshotException e) {
      LOG.warn("its owner is root: {}", e.getMessage());
      folders.create(record.id(), record.kind(), null);
    }
  }
}
