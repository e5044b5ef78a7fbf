package dev.longshore.origin.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import dev.longshore.origin.metadata.Metadata;
import dev.longshore.origin.metadata.SqliteMetadata;
import dev.longshore.origin.store.BlobStore;
import dev.longshore.origin.store.LocalBlobStore;
import dev.longshore.piece.ClusterKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uploads that nobody finished, across restarts with a later clock. */
class UploadExpiryTest {
  private static final Duration WEEK = Duration.ofDays(7);

  @TempDir Path data;

  @Test
  void clean_afterTheExpiry_givesUpOldUploadsOnlyAndTheirBytes() throws Exception {
    Clock now = Clock.systemUTC();
    String old;
    try (Opened opened = open(Clock.offset(now, WEEK.plusHours(1).negated()))) {
      old = start(opened);
    }
    String young;
    try (Opened opened = open(now)) {
      young = start(opened);
      opened.registry().clean();

      assertThatThrownBy(() -> opened.registry().uploads().find("a/b", old))
          .isInstanceOf(RegistryException.class);
      assertThat(opened.registry().uploads().find("a/b", young).offset()).isEqualTo(3);
      assertThat(opened.metadata().doomed(10)).isEmpty();
      assertThat(objects()).isEqualTo(1);
    }
  }

  @Test
  void retireIdle_sessionInUseLately_staysOpen() throws Exception {
    try (Opened opened = open(Clock.systemUTC())) {
      start(opened);
      opened.registry().uploads().retireIdle();
      assertThat(opened.registry().uploads().open()).isEqualTo(1);
    }
  }

  private static String start(Opened opened) throws Exception {
    UploadSession session = opened.registry().uploads().start("a/b", Digest.Algorithm.SHA256);
    Queue<ByteBuf> chunks = new ArrayDeque<>(List.of(Unpooled.wrappedBuffer(new byte[3])));
    session.append(chunks::poll, null);
    return session.id();
  }

  private long objects() throws Exception {
    try (Stream<Path> files = Files.walk(data.resolve("objects"))) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  private Opened open(Clock clock) throws Exception {
    BlobStore store = LocalBlobStore.open(data, 0);
    Metadata metadata = SqliteMetadata.open(data.resolve("metadata.db"), clock);
    Registry registry =
        Registry.open(
            store,
            metadata,
            ClusterKey.generate(),
            new Registry.CacheSizes(1 << 20, 1 << 20),
            WEEK,
            clock);
    return new Opened(registry, metadata, store);
  }

  private record Opened(Registry registry, Metadata metadata, BlobStore store)
      implements AutoCloseable {
    @Override
    public void close() {
      registry.close();
      metadata.close();
      store.close();
    }
  }
}
