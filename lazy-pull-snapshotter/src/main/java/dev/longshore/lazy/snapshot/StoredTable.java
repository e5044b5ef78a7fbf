package dev.longshore.lazy.snapshot;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/** The table and its records on disk, changed together and by one caller at a time. */
final class StoredTable {

  /*
   * A record that was renamed into place, or removed, and could then not be synced is what the disk
   * has and what the next start would find: the table follows it, though the caller is told of the
   * failure.
   */

  private final SnapshotTable table;
  private final RecordFolder records;
  private final ReentrantLock writing = new ReentrantLock();

  StoredTable(SnapshotTable table, RecordFolder records) {
    this.table = table;
    this.records = records;
  }

  /** What is done while nobody else changes anything: checks, then at most one change. */
  @FunctionalInterface
  interface Change<T> {
    T make() throws SnapshotException, IOException;
  }

  <T> T alone(Change<T> change) throws SnapshotException, IOException {
    writing.lock();
    try {
      return change.make();
    } finally {
      writing.unlock();
    }
  }

  /** Stores a new record, or a changed one of the same name. */
  void put(SnapshotRecord record) throws IOException {
    try {
      records.store(record);
    } catch (IOException e) {
      if (records.has(record)) {
        table.put(record);
      }
      throw e;
    }
    table.put(record);
  }

  /** Stores a record in place of one with another name. */
  void rename(String from, SnapshotRecord to) throws IOException {
    try {
      records.store(to);
    } catch (IOException e) {
      if (records.has(to)) {
        table.rename(from, to);
      }
      throw e;
    }
    table.rename(from, to);
  }

  void remove(SnapshotRecord record) throws IOException {
    try {
      records.remove(record.id());
    } catch (IOException e) {
      if (!records.has(record)) {
        table.remove(record.name());
      }
      throw e;
    }
    table.remove(record.name());
  }

  /**
   * Makes and stores a snapshot under an id of its own.
   *
   * @param maker given the id, stores the record
   */
  <T> T withNewId(WithId<T> maker) throws SnapshotException, IOException {
    long id = table.newId();
    try {
      return maker.make(id);
    } catch (SnapshotException | IOException | RuntimeException e) {
      table.giveUpUnlessStored(id);
      throw e;
    }
  }

  /** Makes a snapshot of this id. */
  @FunctionalInterface
  interface WithId<T> {
    T make(long id) throws SnapshotException, IOException;
  }
}
