package dev.longshore.origin.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LocalBlobStoreTest extends BlobStoreSuite {

  @Override
  BlobStore open(Path directory) throws IOException {
    return LocalBlobStore.open(directory, 0);
  }

  @Test
  void append_reserveNotFree_saysThatTheDiskIsFull() throws IOException {
    BlobStore full = LocalBlobStore.open(directory, Long.MAX_VALUE);
    assertThatThrownBy(() -> full.append(StorageKey.random()))
        .isInstanceOf(StoreFullException.class)
        .hasMessageContaining("reserve");
  }

  @Test
  void write_largeObject_isFlushedOnTheWayAndWhole() throws IOException {
    StorageKey key = StorageKey.random();
    ByteBuffer chunk = ByteBuffer.allocateDirect(1 << 20);
    try (BlobStore store = open(directory);
        BlobWriter writer = store.append(key)) {
      for (long written = 0; written <= 2 * LocalFileWriter.FLUSH_EVERY; written += 1 << 20) {
        writer.write(chunk.clear());
      }
      writer.force();
      try (BlobReader reader = store.open(key)) {
        assertThat(reader.length()).isEqualTo(writer.length());
      }
    }
  }

  @Test
  void storageKey_notAUuid_isRefused() {
    assertThatThrownBy(() -> new StorageKey("../../etc/passwd"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new StorageKey("1-1-1-1-1"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
