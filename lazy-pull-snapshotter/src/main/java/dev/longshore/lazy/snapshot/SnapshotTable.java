package dev.longshore.lazy.snapshot;

import dev.longshore.oci.Digest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots in memory, and what may become of them: containerd's rules (core/snapshots/storage,
 * bolt.go). Thread-safe; knows nothing of disks. Changes come one at a time, by whoever holds the
 * lock on the disk.
 */
final class SnapshotTable {
  private final Map<String, SnapshotRecord> byName = new TreeMap<>();
  private final Map<String, Integer> children = new HashMap<>();
  private final Map<Digest, Integer> layerUses = new HashMap<>();

  /** Ids with a record, and those of snapshots that are being made. */
  private final Set<Long> liveIds = new HashSet<>();

  private long lastId;

  /**
   * @param highestId of all folders and records, also of those that are to be deleted
   */
  SnapshotTable(Collection<SnapshotRecord> records, long highestId) {
    lastId = highestId;
    records.forEach(this::put);
  }

  /**
   * An id for a snapshot that is being made; {@link #put} or {@link #giveUpUnlessStored} follows.
   */
  synchronized long newId() {
    lastId++;
    liveIds.add(lastId);
    return lastId;
  }

  /** The snapshot of this id was not made after all; or it was, and the id stays. */
  synchronized void giveUpUnlessStored(long id) {
    if (byName.values().stream().noneMatch(record -> record.id() == id)) {
      liveIds.remove(id);
    }
  }

  synchronized boolean isLive(long id) {
    return liveIds.contains(id);
  }

  /** Adds a record, or replaces one that has its name. */
  synchronized void put(SnapshotRecord record) {
    remove(record.name());
    byName.put(record.name(), record);
    liveIds.add(record.id());
    lastId = Math.max(lastId, record.id());
    if (!record.info().parent().isEmpty()) {
      children.merge(record.info().parent(), 1, Integer::sum);
    }
    record.layer().ifPresent(layer -> layerUses.merge(layer, 1, Integer::sum));
  }

  synchronized void remove(String name) {
    SnapshotRecord record = byName.remove(name);
    if (record == null) {
      return;
    }
    liveIds.remove(record.id());
    children.computeIfPresent(record.info().parent(), (_, n) -> n == 1 ? null : n - 1);
    record
        .layer()
        .ifPresent(layer -> layerUses.computeIfPresent(layer, (_, n) -> n == 1 ? null : n - 1));
  }

  /** An active snapshot became a committed one, of another name. */
  synchronized void rename(String from, SnapshotRecord to) {
    remove(from);
    put(to);
  }

  synchronized @Nullable SnapshotRecord find(String name) {
    return byName.get(name);
  }

  SnapshotRecord get(String name) throws SnapshotException {
    SnapshotRecord record = find(name);
    if (record == null) {
      throw SnapshotException.notFound("snapshot " + name);
    }
    return record;
  }

  /** By name. */
  synchronized List<SnapshotRecord> all() {
    return List.copyOf(byName.values());
  }

  synchronized boolean isUsed(Digest layer) {
    return layerUses.containsKey(layer);
  }

  synchronized Set<Digest> layers() {
    return Set.copyOf(layerUses.keySet());
  }

  /** Checks that a snapshot may be made; returns the chain below it, nearest first. */
  synchronized List<SnapshotRecord> checkNew(String key, String parent) throws SnapshotException {
    requireName("key", key);
    if (byName.containsKey(key)) {
      throw SnapshotException.alreadyExists("snapshot " + key);
    }
    if (parent.isEmpty()) {
      return List.of();
    }
    if (get(parent).kind() != Kind.COMMITTED) {
      throw SnapshotException.invalidArgument("parent " + parent + " is not a committed snapshot");
    }
    return chain(parent);
  }

  /** Checks that a snapshot may be committed; returns it, with the parent that it will have. */
  synchronized Committable checkCommit(String name, String key, String parent)
      throws SnapshotException {
    requireName("name", name);
    if (byName.containsKey(name)) {
      throw SnapshotException.alreadyExists("committed snapshot " + name);
    }
    SnapshotRecord active = get(key);
    if (active.kind() != Kind.ACTIVE) {
      throw SnapshotException.failedPrecondition("snapshot " + key + " is not active");
    }
    String had = active.info().parent();
    if (parent.isEmpty() || parent.equals(had)) {
      return new Committable(active, had);
    }
    if (!had.isEmpty()) {
      throw SnapshotException.invalidArgument(
          "the parent of snapshot " + key + " cannot change from " + had + " to " + parent);
    }
    // One that was unpacked before its parents were: it gets its place in the chain now.
    if (get(parent).kind() != Kind.COMMITTED) {
      throw SnapshotException.failedPrecondition("parent " + parent + " is not committed");
    }
    return new Committable(active, parent);
  }

  record Committable(SnapshotRecord active, String parent) {}

  /** Checks that a snapshot may be removed, and returns it. */
  synchronized SnapshotRecord checkRemove(String key) throws SnapshotException {
    SnapshotRecord record = get(key);
    if (children.containsKey(key)) {
      throw SnapshotException.failedPrecondition("cannot remove snapshot " + key + " with child");
    }
    return record;
  }

  /**
   * The snapshot and those below it, nearest first.
   *
   * @throws SnapshotException not found if it is not there; unavailable if one below it is lost,
   *     which takes a damaged record
   */
  synchronized List<SnapshotRecord> chain(String name) throws SnapshotException {
    List<SnapshotRecord> chain = new ArrayList<>();
    SnapshotRecord record = get(name);
    chain.add(record);
    while (!record.info().parent().isEmpty()) {
      String parent = record.info().parent();
      record = byName.get(parent);
      if (record == null || chain.size() > byName.size()) {
        throw SnapshotException.unavailable(
            "snapshot " + parent + ", on which " + name + " lies, is lost; remove and pull again");
      }
      chain.add(record);
    }
    return chain;
  }

  /** The remote snapshot that stands for this chain ID on this parent. */
  synchronized Optional<SnapshotRecord> remote(String ref, String parent) {
    return byName.values().stream()
        .filter(record -> record.layer().isPresent())
        .filter(record -> record.info().parent().equals(parent))
        .filter(record -> ref.equals(record.info().labels().get(Labels.REF)))
        .findFirst();
  }

  /** How many there are of each kind, and how many of them are remote. */
  synchronized Map<String, Long> counts() {
    return byName.values().stream()
        .collect(
            Collectors.groupingBy(
                record -> record.layer().isPresent() ? "remote" : record.kind().word(),
                TreeMap::new,
                Collectors.counting()));
  }

  private static void requireName(String what, String name) throws SnapshotException {
    if (name.isEmpty()) {
      throw SnapshotException.invalidArgument("a snapshot needs a " + what);
    }
  }
}
