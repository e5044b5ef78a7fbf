package dev.longshore.swarm.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.BitSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store on a small file system of its own (ext4 in a file, mounted through a loop device). */
@Tag("node")
final class FullDiskTest {
  private static final int PIECE = PieceStoreSuite.PIECE;

  @TempDir Path folder;
  private Path disk;

  @BeforeEach
  void mount() throws Exception {
    Path image = folder.resolve("disk.img");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(48 << 20);
    }
    disk = Files.createDirectory(folder.resolve("disk"));
    run("mkfs.ext4", "-q", "-m", "0", image.toString());
    run("mount", "-o", "loop", image.toString(), disk.toString());
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", disk.toString());
  }

  @Test
  void open_largerThanTheDisk_isRefusedAndNothingGivenUpForIt() throws Exception {
    TestBlob blob = TestBlob.random(50, 240 * PIECE); // 60 MiB
    TestBlob idle = TestBlob.random(51, 8 * PIECE);
    try (PieceStore store = open()) {
      try (StoredBlob claim = store.openUnsigned(idle.map())) {
        idle.writeAllTo(claim);
      }
      assertThatThrownBy(() -> store.openUnsigned(blob.map()))
          .isInstanceOf(StoreFullException.class)
          .hasMessageContaining("is full")
          .hasMessageContaining("free some space");
      try (StoredBlob claim = store.find(idle.digest()).orElseThrow()) {
        assertThat(idle.read(claim, 7)).isEqualTo(idle.piece(7));
      }
    }
  }

  /** The room that there was when the blob was begun is taken by somebody else meanwhile. */
  @Test
  void write_untilTheDiskIsFull_saysSoAndServesOn() throws Exception {
    TestBlob blob = TestBlob.random(50, 140 * PIECE); // 35 MiB
    TestBlob idle = TestBlob.random(51, 8 * PIECE);
    BitSet before;
    try (PieceStore store = open()) {
      try (StoredBlob claim = store.openUnsigned(idle.map())) {
        idle.writeAllTo(claim);
      }
      try (StoredBlob claim = store.openUnsigned(blob.map())) {
        Files.write(disk.resolve("filler"), new byte[12 << 20]);
        int refused = 0;
        int piece = 0;
        while (refused == 0) {
          try {
            blob.writeTo(claim, piece++);
          } catch (StoreFullException e) {
            refused = piece - 1;
            assertThat(e).hasMessageContaining("is full").hasMessageContaining("free some space");
          }
        }
        assertThat(refused).isGreaterThan(60);
        assertThat(store.find(idle.digest())).as("given up before the write was refused").isEmpty();
        int last = refused;
        assertThatThrownBy(() -> blob.writeTo(claim, last + 1))
            .isInstanceOf(StoreFullException.class);
        before = claim.held();
        assertThat(before.cardinality()).isEqualTo(refused);
        for (int held = 0; held < refused; held++) {
          assertThat(blob.read(claim, held)).isEqualTo(blob.piece(held));
        }
      }
    }
    try (PieceStore store = open()) {
      store.recovered().join();
      try (StoredBlob claim = store.find(blob.digest()).orElseThrow()) {
        assertThat(claim.held()).isEqualTo(before);
      }
      store.delete(blob.digest());
      try (StoredBlob claim = store.openUnsigned(idle.map())) {
        idle.writeAllTo(claim);
        assertThat(claim.complete()).isTrue();
      }
    }
  }

  @Test
  void open_diskFullFromTheStart_saysSo() throws Exception {
    byte[] filler = new byte[1 << 20];
    Path file = disk.resolve("filler");
    try (var out = Files.newOutputStream(file)) {
      assertThatThrownBy(
              () -> {
                while (true) {
                  out.write(filler);
                }
              })
          .isInstanceOf(IOException.class);
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreFullException.class)
        .hasMessageContaining("its disk is full");
    Files.delete(file);
    open().close();
  }

  private PieceStore open() throws IOException {
    return PieceStores.open(
        StoreConfig.defaults(disk.resolve("store"))
            .withSyncEvery(Duration.ofMillis(50))
            .withIndexEntries(4096),
        null,
        InstantSource.system(),
        new SimpleMeterRegistry());
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", String.join(" ", command), output).isZero();
  }
}
