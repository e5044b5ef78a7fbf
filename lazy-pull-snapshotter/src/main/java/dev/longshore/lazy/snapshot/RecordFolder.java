package dev.longshore.lazy.snapshot;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The records on disk, a file each, named by its id. Not thread-safe. */
final class RecordFolder {

  /*
   * A record appears, changes and goes whole, by one rename or one removal: there is nothing that
   * two files would have to agree on. It is synced before it has its name, and the name is synced
   * before containerd hears of it. A file without its name yet is of a change that nobody was told
   * of, and goes at the next start.
   */

  private static final Logger LOG = LoggerFactory.getLogger(RecordFolder.class);
  private static final String UNNAMED = ".new";
  private static final String DAMAGED = ".damaged";

  private final Path folder;
  private final Disk disk;

  RecordFolder(Path folder, Disk disk) {
    this.folder = folder;
    this.disk = disk;
  }

  /** Everything that was stored, and away with what was half made. */
  List<SnapshotRecord> readAll() throws IOException {
    List<SnapshotRecord> records = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.endsWith(UNNAMED)) {
          disk.delete(file);
        } else if (Ids.isId(name)) {
          read(file, Long.parseLong(name), records);
        }
      }
    }
    return records;
  }

  /** One damaged file must not keep all other containers of the node from starting. */
  private void read(Path file, long id, List<SnapshotRecord> records) throws IOException {
    String problem;
    try {
      if (Files.size(file) > RecordFormat.MAX_BYTES) {
        throw new IOException("it is larger than " + RecordFormat.MAX_BYTES + " bytes");
      }
      SnapshotRecord record = RecordFormat.read(Files.readAllBytes(file));
      if (record.id() == id) {
        records.add(record);
        return;
      }
      problem = "it is the record of snapshot " + record.id();
    } catch (IOException e) {
      problem = String.valueOf(e.getMessage());
    }
    Path aside = folder.resolve(id + DAMAGED);
    LOG.error(
        "the record {} cannot be used: {}; its snapshot is gone, containerd will make it anew. The"
            + " file is kept as {}",
        file,
        problem,
        aside);
    disk.rename(file, aside);
  }

  /** Stores a record, over that of the same id; it is on disk when this returns. */
  void store(SnapshotRecord record) throws IOException {
    Path unnamed = folder.resolve(record.id() + UNNAMED);
    disk.write(unnamed, RecordFormat.write(record));
    disk.sync(unnamed);
    disk.rename(unnamed, folder.resolve(Long.toString(record.id())));
    disk.syncFolder(folder);
  }

  /** Whether exactly this is what the disk has, after a failure. */
  boolean has(SnapshotRecord record) {
    try {
      Path file = folder.resolve(Long.toString(record.id()));
      return Arrays.equals(Files.readAllBytes(file), RecordFormat.write(record));
    } catch (IOException _) {
      return false;
    }
  }

  /** Removes a record for good. */
  void remove(long id) throws IOException {
    disk.delete(folder.resolve(Long.toString(id)));
    disk.syncFolder(folder);
  }
}
