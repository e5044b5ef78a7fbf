package dev.longshore.lazy.snapshot;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
   * start of a container waits for two syncs instead of four. Changes of records come one at a time, under
   * `writing`; the table is read without it. A layer's lock (MountedLayers) is taken before
   * `writing`, never while it is held.
   */

  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LAST_RETRY = Duration.ofMinutes(1);

  private final RecordFolder records;
  private final SnapshotFolders folders;
  private final SnapshotTable table;
  private final RemoteLayers remote;
  private final MountedLayers layers;
  private final InstantSource clock;
  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock sweeping = new ReentrantLock();
  private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();
  private final Thread retrier = Thread.ofVirtual().unstarted(this::retryRestores);

  private Snapshots(
      RecordFolder records,
      SnapshotFolders folders,
      SnapshotTable table,
      RemoteLayers remote,
      InstantSource clock) {
    this.records = records;
    this.folders = folders;
    this.table = table;
    this.remote = remote;
    this.clock = clock;
    this.layers = new MountedLayers(remote, table);
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
    List<SnapshotRecord> stored = records.readAll();
    long highestId =
        Stream.concat(stored.stream().map(SnapshotRecord::id), folders.ids().stream())
            .mapToLong(Long::longValue)
            .max()
            .orElse(0);
    var table = new SnapshotTable(stored, highestId);
    var snapshots = new Snapshots(records, folders, table, remote, clock);
    remote.keepOnly(table.layers());
    snapshots.layers.restoreAll();
    for (SnapshotRecord record : stored) {
      snapshots.completeFolder(record);
    }
    snapshots.background.execute(snapshots::sweepQuietly);
    snapshots.retrier.start();
    return snapshots;
  }

  private void completeFolder(SnapshotRecord record) throws IOException {
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
      String parent = record.info().parent();
      List<Path> lower = parent.isEmpty() ? List.of() : directories(table.chain(parent));
      folders.create(record.id(), record.kind(), owner(record.info().labels(), lower));
    } catch (SnapshotException e) {
      LOG.warn("it has the owner root: {}", e.getMessage());
      folders.create(record.id(), record.kind(), null);
    }
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
    if (table.remote(ref, parent).isPresent()) {
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
    writing.lock();
    try {
      if (table.remote(ref, parent).isPresent()) {
        return; // two asked at once, and the other one was first
      }
      long id = table.newId();
      // The same chain may lie on another parent: unpacked in this namespace, mounted in that.
      String name = table.find(ref) == null ? ref : ref + "#" + id;
      var labels = new HashMap<>(wanted.labels());
      labels.put(Labels.REMOTE, Labels.REMOTE_VALUE);
      try {
        table.checkNew(name, parent); // the parent may have gone meanwhile
        var info = info(name, parent, Kind.COMMITTED, labels);
        store(new SnapshotRecord(id, info, Usage.NONE, Optional.of(wanted.layer())));
      } catch (SnapshotException | IOException | RuntimeException e) {
        giveUpUnlessStored(id, name);
        throw e;
      }
    } finally {
      writing.unlock();
    }
  }

  private List<Mount> create(Kind kind, String key, String parent, Map<String, String> labels)
      throws SnapshotException, IOException {
    List<Path> lower = directories(table.checkNew(key, parent)); // unavailable: before it is made
    IdMapping owner = owner(labels, lower);
    SnapshotRecord record;
    writing.lock();
    try {
      table.checkNew(key, parent);
      long id = table.newId();
      try {
        folders.create(id, kind, owner);
        record =
            new SnapshotRecord(id, info(key, parent, kind, labels), Usage.NONE, Optional.empty());
        store(record);
      } catch (IOException | RuntimeException e) {
        giveUpUnlessStored(id, key);
        throw e;
      }
    } finally {
      writing.unlock();
    }
    return mounts(record);
  }

  /** The root directory of a merged tree is that of the upper one: it should not change hands. */
  private static @Nullable IdMapping owner(Map<String, String> labels, List<Path> lower)
      throws SnapshotException, IOException {
    Optional<IdMapping> mapped = IdMapping.of(labels);
    if (mapped.isPresent() || lower.isEmpty()) {
      return mapped.orElse(null);
    }
    return SnapshotFolders.ownerOf(lower.getFirst());
  }

  private SnapshotInfo info(String name, String parent, Kind kind, Map<String, String> labels) {
    var now = clock.instant();
    return new SnapshotInfo(name, parent, kind, now, now, labels);
  }

  private void giveUpUnlessStored(long id, String name) {
    SnapshotRecord stored = table.find(name);
    if (stored == null || stored.id() != id) {
      table.giveUp(id);
    }
  }

  /** Stores a new record, or one with other labels. */
  private void store(SnapshotRecord record) throws IOException {
    try {
      records.store(record);
    } catch (IOException e) {
      if (records.has(record)) {
        table.put(record); // only its sync failed: what is shown is what the disk has
      }
      throw e;
    }
    table.put(record);
  }

  /** What to mount to see an active snapshot or a view; on a lazy layer's failure, why not. */
  public List<Mount> mounts(String key) throws SnapshotException, IOException {
    SnapshotRecord record = table.get(key);
    if (record.kind() == Kind.COMMITTED) {
      throw SnapshotException.failedPrecondition("snapshot " + key + " is not active or a view");
    }
    return mounts(record);
  }

  private List<Mount> mounts(SnapshotRecord record) throws SnapshotException, IOException {
    String parent = record.info().parent();
    List<Path> lower = parent.isEmpty() ? List.of() : directories(table.chain(parent));
    return MountRecipe.of(
        record.kind(), folders.of(record.id()), lower, OverlayOptions.ofThisKernel());
  }

  private List<Path> directories(List<SnapshotRecord> chain) throws SnapshotException, IOException {
    List<Path> directories = new ArrayList<>(chain.size());
    for (SnapshotRecord record : chain) {
      directories.add(
          record.layer().isPresent()
              ? layers.directory(record.layer().get())
              : folders.of(record.id()).files());
    }
    return directories;
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
    SnapshotRecord before = table.checkCommit(name, key, parent).active();
    Usage usage = DiskUsage.of(folders.of(before.id()).files()); // takes its time
    folders.sync(before.id());
    writing.lock();
    try {
      SnapshotTable.Committable checked = table.checkCommit(name, key, parent);
      SnapshotRecord active = checked.active();
      var committed =
          new SnapshotRecord(
              active.id(),
              info(name, checked.parent(), Kind.COMMITTED, labels),
              usage,
              Optional.empty());
      try {
        records.store(committed);
      } catch (IOException e) {
        if (records.has(committed)) {
          table.rename(key, committed);
        }
        throw e;
      }
      table.rename(key, committed);
    } finally {
      writing.unlock();
    }
  }

  /** Removes a snapshot on which no other lies. Its disk space is freed in the background. */
  public void remove(String key) throws SnapshotException, IOException {
    SnapshotRecord record;
    writing.lock();
    try {
      record = table.checkRemove(key);
      try {
        records.remove(record.id());
      } catch (IOException e) {
        if (!records.has(record)) {
          table.remove(key);
        }
        throw e;
      }
      table.remove(key);
    } finally {
      writing.unlock();
    }
    background.execute(
        record.layer().isPresent()
            ? () -> releaseQuietly(record.layer().get())
            : this::sweepQuietly);
  }

  private void releaseQuietly(Digest layer) {
    try {
      layers.unuse(layer);
    } catch (SnapshotException | IOException e) {
      LOG.error("releasing layer {} failed; the next start does it", layer, e);
    }
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
    writing.lock();
    try {
      SnapshotRecord record = table.get(key);
      Map<String, String> changed = LabelUpdate.of(record.info().labels(), labels, fields);
      Labels.check(changed);
      SnapshotRecord updated = record.withInfo(record.info().withLabels(changed, clock.instant()));
      store(updated);
      return updated.info();
    } finally {
      writing.unlock();
    }
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
    sweeping.lock();
    try {
      folders.sweep(table::isLive);
    } finally {
      sweeping.unlock();
    }
  }

  private void sweepQuietly() {
    try {
      cleanup();
    } catch (IOException e) {
      LOG.warn("not all disk space of removed snapshots could be freed: {}", e.toString());
    }
  }

  private void retryRestores() {
    Duration pause = FIRST_RETRY;
    try {
      while (!layers.failures().isEmpty()) {
        Thread.sleep(pause);
        layers.retry();
        pause =
            pause.multipliedBy(2).compareTo(LAST_RETRY) < 0 ? pause.multipliedBy(2) : LAST_RETRY;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // closed
    }
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
    retrier.interrupt();
    background.shutdown(); // what removes and releases is let finish
    try {
      if (!background.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("work in the background has not ended within 10 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
