package dev.longshore.origin.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every blob store must do. */
abstract class BlobStoreSuite {
  @TempDir Path directory;
  private BlobStore store;

  /** Opens the store in this directory; again and again, on the same bytes. */
  abstract BlobStore open(Path directory) throws IOException;

  @BeforeEach
  void openStore() throws IOException {
    store = open(directory);
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void append_severalWrites_readBackInOrder() throws IOException {
    StorageKey key = StorageKey.random();
    try (BlobWriter writer = store.append(key)) {
      writer.write(bytes("one,"));
      writer.write(bytes("two"));
      writer.force();
      assertThat(writer.length()).isEqualTo(7);
    }
    assertThat(content(key)).isEqualTo("one,two");
  }

  @Test
  void append_afterReopening_goesOnAtTheEnd() throws IOException {
    StorageKey key = StorageKey.random();
    try (BlobWriter writer = store.append(key)) {
      writer.write(bytes("first"));
    }
    store.close();
    store = open(directory);
    try (BlobWriter writer = store.append(key)) {
      assertThat(writer.length()).isEqualTo(5);
      writer.write(bytes(" second"));
    }
    assertThat(content(key)).isEqualTo("first second");
  }

  @Test
  void truncate_thenWrite_replacesTheTail() throws IOException {
    StorageKey key = StorageKey.random();
    try (BlobWriter writer = store.append(key)) {
      writer.write(bytes("keep-drop"));
      writer.truncate(4);
      writer.write(bytes("!"));
    }
    assertThat(content(key)).isEqualTo("keep!");
  }

  @Test
  void writerRead_unfinishedObject_seesWhatWasWritten() throws IOException {
    try (BlobWriter writer = store.append(StorageKey.random())) {
      writer.write(bytes("half"));
      try (BlobReader reader = writer.read()) {
        assertThat(text(reader, 0, 4)).isEqualTo("half");
      }
    }
  }

  @Test
  void append_nothingWritten_isAnEmptyObject() throws IOException {
    StorageKey key = StorageKey.random();
    store.append(key).close();
    try (BlobReader reader = store.open(key)) {
      assertThat(reader.length()).isZero();
    }
  }

  @Test
  void read_beyondTheEnd_fails() throws IOException {
    StorageKey key = StorageKey.random();
    try (BlobWriter writer = store.append(key)) {
      writer.write(bytes("short"));
    }
    try (BlobReader reader = store.open(key)) {
      assertThat(text(reader, 1, 3)).isEqualTo("hor");
      assertThatThrownBy(() -> reader.read(3, ByteBuffer.allocate(10)))
          .isInstanceOf(EOFException.class);
    }
  }

  @Test
  void open_unknownKey_fails() {
    assertThatThrownBy(() -> store.open(StorageKey.random()))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void delete_whileBeingRead_leavesTheReaderWhole() throws IOException {
    StorageKey key = StorageKey.random();
    try (BlobWriter writer = store.append(key)) {
      writer.write(bytes("still here"));
    }
    try (BlobReader reader = store.open(key)) {
      store.delete(key);
      store.delete(key);
      assertThat(text(reader, 0, 10)).isEqualTo("still here");
    }
    assertThatThrownBy(() -> store.open(key)).isInstanceOf(NoSuchFileException.class);
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private String content(StorageKey key) throws IOException {
    try (BlobReader reader = store.open(key)) {
      return text(reader, 0, (int) reader.length());
    }
  }

  private static String text(BlobReader reader, long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    reader.read(offset, buffer);
    return new String(buffer.array(), UTF_8);
  }
}
