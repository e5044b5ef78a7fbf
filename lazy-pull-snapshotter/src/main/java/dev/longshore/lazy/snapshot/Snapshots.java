package dev.longshore.lazy.snapshot;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * containerd's snapshots on one root folder, with remote layers. Thread-safe; methods block, and
 * what they changed is on disk when they return.
 *
 * <p>Names of parents are empty for none. Where a method throws IOException, the disk failed; what
 * was asked for may have been done or not.
 */
public final class Snapshots implements AutoCloseable {

  /*
   * ROOT/metadata/ID      what is known of a snapshot (RecordFormat)
   * ROOT/snapshots/ID     its files: fs, and work for overlayfs
   * ROOT/snapshots/NAME   a mounted layer, made by whoever implements RemoteLayers
   *
   * A folder is made before the record that names it and deleted after it is gone, so that at any
   * point the records alone say what there is. It is synced when its snapshot is committed: until
   * then, what a loss of power takes of it is made anew at the next start, empty as it was, and the
   * start of a container waits for two syncs instead of four. The table is read without a lock. A
   * layer's lock (MountedLayers) is taken before that for changes (StoredTable), never while it is
   * held.
   */

  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  private final SnapshotTable table;
  private final StoredTable stored;
  private final SnapshotFolders folders;
  private final RemoteLayers remote;
  private final MountedLayers layers;
  private final SnapshotTrees trees;
  private final Upkeep upkeep;
  private final InstantSource clock;

  private Snapshots(
      SnapshotTable table,
      StoredTable stored,
      SnapshotFolders folders,
      RemoteLayers remote,
      InstantSource clock) {
    this.table = table;
    this.stored = stored;
    this.folders = folders;
    this.remote = remote;
    this.clock = clock;
    this.layers = new MountedLayers(remote, table);
    this.trees = new SnapshotTrees(table, folders, layers);
    this.upkeep = new Upkeep(table, folders, layers);
  }

  /**
   * Reads what an earlier run left and has its layers mounted again. Of a root folder, one may be
   * open at a time.
   *
   * @param root made if it is not there
   */
  public static Snapshots open(Path root, RemoteLayers remote) throws IOException {
    return open(root, remote, Disk.REAL, InstantSource.system());
  }

  static Snapshots open(Path root, RemoteLayers remote, Disk disk, InstantSource clock)
      throws IOException {
    var ours = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Path metadata = Files.createDirectories(root.resolve("metadata"), ours);
    Path mounts = Files.createDirectories(folderOfMounts(root), ours);
    var records = new RecordFolder(metadata, disk);
    var folders = new SnapshotFolders(mounts, disk);
    List<SnapshotRecord> found = records.readAll();
    long highestId =
        Stream.concat(found.stream().map(SnapshotRecord::id), folders.ids().stream())
            .mapToLong(Long::longValue)
            .max()
            .orElse(0);
    var table = new SnapshotTable(found, highestId);
    var snapshots = new Snapshots(table, new StoredTable(table, records), folders, remote, clock);
    remote.keepOnly(table.layers());
    snapshots.layers.restoreAll();
    for (SnapshotRecord record : found) {
      snapshots.trees.complete(record);
    }
    snapshots.upkeep.start();
    return snapshots;
  }

  /**
   * Where implementations of {@link RemoteLayers} mount: at NAME/fs in this folder.
   *
   * @param root as for {@link #open(Path, RemoteLayers)}
   */
  public static Path folderOfMounts(Path root) {
    return root.resolve("snapshots");
  }

  /**
   * Makes an active snapshot. If the labels name a remote layer that can be mounted, a committed
   * snapshot of it is made instead and this fails with ALREADY_EXISTS, as containerd expects.
   *
   * @return what to mount to see and change it
   */
  public List<Mount> prepare(String key, String parent, Map<String, String> labels)
      throws SnapshotException, IOException {
    Labels.check(labels);
    List<SnapshotRecord> below = table.checkNew(key, parent);
    String ref = labels.get(Labels.REF);
    if (ref != null && commitRemote(ref, parent, below, labels)) {
      throw SnapshotException.alreadyExists("target snapshot \"" + ref + "\"");
    }
    return create(Kind.ACTIVE, key, parent, labels);
  }

  /** Makes a snapshot that is only looked at. */
  public List<Mount> view(String key, String parent, Map<String, String> labels)
      throws SnapshotException, IOException {
    Labels.check(labels);
    return create(Kind.VIEW, key, parent, labels);
  }

  /** Whether there is now a committed snapshot of this chain ID on this parent, mounted. */
  private boolean commitRemote(
      String ref, String parent, List<SnapshotRecord> below, Map<String, String> labels)
      throws SnapshotException, IOException {
    Optional<Digest> there = table.remote(ref, parent).flatMap(SnapshotRecord::layer);
    if (there.isPresent() && !layers.isMissing(there.get())) {
      return true; // by somebody else, perhaps in another namespace
    }
    Optional<Digest> parentChainId =
        below.isEmpty() ? Optional.empty() : below.getFirst().chainId();
    RemoteLayer wanted = RemoteLayer.of(labels, parentChainId).orElse(null);
    if (wanted == null) {
      return false;
    }
    if (!below.isEmpty() && parentChainId.isEmpty()) {
      LOG.info("layer {} is unpacked: its parent {} tells no chain ID", wanted.layer(), parent);
      return false;
    }
    Optional<String> refusal = layers.mount(wanted, () -> storeRemote(ref, parent, wanted));
    refusal.ifPresent(reason ->
        LOG.info("layer {} of {} is unpacked: {}", wanted.layer(), wanted.image(), reason));
    return refusal.isEmpty();
  }

  private void storeRemote(String ref, String parent, RemoteLayer wanted)
      throws SnapshotException, IOException {
    var labels = new HashMap<>(wanted.labels());
    labels.put(Labels.REMOTE, Labels.REMOTE_VALUE);
    SnapshotRecord _ =
        stored.alone(() -> {
          Optional<SnapshotRecord> there = table.remote(ref, parent);
          if (there.isPresent()) {
            return there.get(); // two asked at once, and the other one was first
          }
          return stored.withNewId(id -> {
            // The same chain may lie on another parent: unpacked in one namespace, mounted in one.
            String name = table.find(ref) == null ? ref : ref + "#" + id;
            table.checkNew(name, parent); // the parent may have gone meanwhile
            return put(id, info(name, parent, Kind.COMMITTED, labels), wanted.layer());
          });
        });
  }

  private SnapshotRecord put(long id, SnapshotInfo info, Digest layer) throws IOException {
    var record = new SnapshotRecord(id, info, Usage.NONE, Optional.of(layer));
    stored.put(record);
    return record;
  }

  private List<Mount> create(Kind kind, String key, String parent, Map<String, String> labels)
      throws SnapshotException, IOException {
    List<Path> below = trees.of(table.checkNew(key, parent)); // unavailable: before it is made
    SnapshotRecord made =
        stored.alone(() -> {
          table.checkNew(key, parent);
          return stored.withNewId(id -> {
            trees.create(id, kind, labels, below);
            SnapshotInfo info = info(key, parent, kind, labels);
            var record = new SnapshotRecord(id, info, Usage.NONE, Optional.empty());
            stored.put(record);
            return record;
          });
        });
    return trees.mounts(made);
  }

  private SnapshotInfo info(String name, String parent, Kind kind, Map<String, String> labels) {
    Instant now = clock.instant();
    return new SnapshotInfo(name, parent, kind, now, now, labels);
  }

  /** What to mount to see an active snapshot or a view; on a lazy layer's failure, why not. */
  public List<Mount> mounts(String key) throws SnapshotException, IOException {
    SnapshotRecord record = table.get(key);
    if (record.kind() == Kind.COMMITTED) {
      throw SnapshotException.failedPrecondition("snapshot " + key + " is not active or a view");
    }
    return trees.mounts(record);
  }

  /**
   * Makes an active snapshot a committed one.
   *
   * @param labels what it has from now on; those of the active one are dropped
   * @param parent for one that was prepared without a parent and gets it now; else empty or the one
   *     it has
   */
  public void commit(String name, String key, Map<String, String> labels, String parent)
      throws SnapshotException, IOException {
    Labels.check(labels);
    long id = table.checkCommit(name, key, parent).active().id();
    Usage usage = DiskUsage.of(folders.of(id).files()); // takes its time
    folders.sync(id);
    SnapshotRecord _ =
        stored.alone(() -> {
          SnapshotTable.Committable checked = table.checkCommit(name, key, parent);
          SnapshotInfo info = info(name, checked.parent(), Kind.COMMITTED, labels);
          var committed = new SnapshotRecord(checked.active().id(), info, usage, Optional.empty());
          stored.rename(key, committed);
          return committed;
        });
  }

  /** Removes a snapshot on which no other lies. Its disk space is freed in the background. */
  public void remove(String key) throws SnapshotException, IOException {
    SnapshotRecord removed =
        stored.alone(() -> {
          SnapshotRecord record = table.checkRemove(key);
          stored.remove(record);
          return record;
        });
    removed.layer().ifPresentOrElse(upkeep::releaseLater, upkeep::sweepLater);
  }

  public SnapshotInfo stat(String key) throws SnapshotException {
    return table.get(key).info();
  }

  /**
   * Changes labels; nothing else of a snapshot can be changed.
   *
   * @param fields {@code labels} for all of them, {@code labels.KEY} for one; none is all of them
   */
  public SnapshotInfo update(String key, Map<String, String> labels, List<String> fields)
      throws SnapshotException, IOException {
    return stored.alone(() -> {
      SnapshotRecord record = table.get(key);
      Map<String, String> changed = LabelUpdate.of(record.info().labels(), labels, fields);
      Labels.check(changed);
      SnapshotInfo updated = record.info().withLabels(changed, clock.instant());
      stored.put(record.withInfo(updated));
      return updated;
    });
  }

  /**
   * The snapshots that match, by name.
   *
   * @param filters in containerd's language; one of them has to match, all do when there is none
   */
  public List<SnapshotInfo> list(List<String> filters) throws SnapshotException {
    Predicate<SnapshotInfo> filter = SnapshotFilter.anyOf(filters);
    return table.all().stream().map(SnapshotRecord::info).filter(filter).toList();
  }

  /** What a snapshot takes on disk beside those below it. */
  public Usage usage(String key) throws SnapshotException, IOException {
    SnapshotRecord record = table.get(key);
    if (record.layer().isPresent()) {
      return remote.usage(record.layer().get());
    }
    return record.kind() == Kind.ACTIVE
        ? DiskUsage.of(folders.of(record.id()).files())
        : record.usage();
  }

  /** Frees the disk space of what was removed, and returns when that is done. */
  public void cleanup() throws IOException {
    upkeep.sweep();
  }

  /** Layers of earlier runs that are not mounted, and why. */
  public Map<Digest, String> unavailableLayers() {
    return layers.failures();
  }

  /** How many snapshots there are of each kind. */
  public Map<String, Long> counts() {
    return table.counts();
  }

  /** Stops what runs in the background. Mounts stay: containers live on. */
  @Override
  public void close() {
    upkeep.close();
  }
}
