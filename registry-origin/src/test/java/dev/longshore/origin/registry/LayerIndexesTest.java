package dev.longshore.origin.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.layer.span.SpanScanner;
import dev.longshore.oci.Digest;
import dev.longshore.origin.TestLayers;
import dev.longshore.origin.metadata.BlobRow;
import dev.longshore.origin.metadata.ManifestRow;
import dev.longshore.origin.metadata.Metadata;
import dev.longshore.origin.metadata.NewManifest;
import dev.longshore.origin.metadata.SqliteMetadata;
import dev.longshore.origin.metadata.UploadRow;
import dev.longshore.origin.registry.LayerIndexes.Finding;
import dev.longshore.origin.store.BlobReader;
import dev.longshore.origin.store.BlobStore;
import dev.longshore.origin.store.BlobWriter;
import dev.longshore.origin.store.LocalBlobStore;
import dev.longshore.origin.store.StorageKey;
import dev.longshore.origin.store.StoreFullException;
import dev.longshore.piece.ClusterKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The work of making indexes: what is left over, slow or broken. */
class LayerIndexesTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path data;
  @TempDir Path scratch;
  private StubbornStore store;
  private Metadata metadata;
  private BlobRow layer;

  @BeforeEach
  void storeALayer() throws Exception {
    store = new StubbornStore(LocalBlobStore.open(data, 0));
    metadata = SqliteMetadata.open(data.resolve("metadata.db"), Clock.systemUTC());
    byte[] content = TestLayers.gzip(TestLayers.tar(scratch, 1 << 20, 1));
    UploadRow upload =
        new UploadRow(
            UUID.randomUUID().toString(), "a/b", StorageKey.random(), Clock.systemUTC().instant());
    metadata.startUpload(upload);
    try (BlobWriter out = store.append(upload.key())) {
      out.write(ByteBuffer.wrap(content));
    }
    layer = metadata.commitUpload(upload, Digest.sha256(content), content.length);
  }

  @AfterEach
  void close() {
    metadata.close();
    store.close();
  }

  @Test
  void resume_layerOfAManifestWithoutIndex_isTakenUp() throws Exception {
    byte[] manifest = "{}".getBytes(UTF_8);
    metadata.putManifest(
        "a/b",
        new NewManifest(
            new ManifestRow(Digest.sha256(manifest), "type", manifest),
            List.of(),
            null,
            null,
            Map.of(),
            List.of(layer.digest())),
        List.of());

    try (Registry registry = open()) {
      await()
          .atMost(LONG)
          .until(() -> registry.layerIndexes().cached(layer) instanceof Finding.Stated);
      assertThat(registry.layerIndexes().built()).isOne();
      assertThat(registry.layerIndexes().busyNanos()).isPositive();
    }
    assertThat(metadata.layersWithoutIndex(1)).isEmpty();
  }

  @Test
  void get_slowerThanPatience_timesOutAndGoesOn() throws Exception {
    try (Registry registry = open()) {
      store.opening = new CountDownLatch(1);
      assertThatThrownBy(() -> registry.layerIndexes().get(layer, Duration.ofMillis(10)))
          .isInstanceOf(TimeoutException.class);
      store.opening.countDown();
      assertThat(registry.layerIndexes().get(layer, LONG).orElseThrow())
          .isInstanceOf(Finding.Stated.class);
      assertThat(registry.layerIndexes().built()).isOne();
    }
  }

  @Test
  void get_storeFull_failsLeavesNoUploadAndIsTriedAgain() throws Exception {
    try (Registry registry = open()) {
      store.full = true;
      assertThatThrownBy(() -> registry.layerIndexes().get(layer, LONG))
          .isInstanceOf(StoreFullException.class);
      assertThat(registry.layerIndexes().failed()).isOne();
      assertThat(metadata.uploadCount()).isZero();

      store.full = false;
      // The cache lets go of what failed a moment after it told so.
      await()
          .atMost(LONG)
          .ignoreExceptionsInstanceOf(StoreFullException.class)
          .until(() ->
              registry.layerIndexes().get(layer, LONG).orElseThrow() instanceof Finding.Stated);
    }
  }

  @Test
  void get_layerDeletedMeanwhile_isEmpty() throws Exception {
    try (Registry registry = open()) {
      metadata.deleteBlob("a/b", layer.digest());
      assertThat(registry.layerIndexes().get(layer, LONG)).isEmpty();
      registry.blobs().deleteDoomed();
      assertThat(registry.layerIndexes().get(layer, LONG)).isEmpty();
    }
    assertThat(metadata.uploadCount()).isZero();
  }

  @Test
  void spanBytes_ofLargerLayers_isLarger() {
    assertThat(LayerIndexing.spanBytes(1 << 20, 0)).isEqualTo(SpanScanner.DEFAULT_SPAN);
    assertThat(LayerIndexing.spanBytes(1L << 30, 0)).isEqualTo(4 << 20);
    assertThat(LayerIndexing.spanBytes(1L << 40, 0)).isEqualTo(4L << 30);
  }

  @Test
  void spanBytes_ofAWellCompressedLayer_goesByWhatItBecomes() {
    assertThat(LayerIndexing.spanBytes(10 << 20, 3L << 30)).isEqualTo(3 << 20);
  }

  private Registry open() {
    return Registry.open(
        store,
        metadata,
        ClusterKey.generate(),
        new Registry.CacheSizes(1 << 20, 1 << 20),
        Duration.ofDays(7),
        Clock.systemUTC());
  }

  /** A store that can be slow to open and refuse to take anything. */
  private static final class StubbornStore implements BlobStore {
    private final BlobStore target;
    private volatile CountDownLatch opening = new CountDownLatch(0);
    private volatile boolean full;

    StubbornStore(BlobStore target) {
      this.target = target;
    }

    @Override
    public BlobWriter append(StorageKey key) throws IOException {
      if (full) {
        throw new StoreFullException("full for a test");
      }
      return target.append(key);
    }

    @Override
    public BlobReader open(StorageKey key) throws IOException {
      try {
        opening.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      return target.open(key);
    }

    @Override
    public void delete(StorageKey key) throws IOException {
      target.delete(key);
    }

    @Override
    public void close() {
      target.close();
    }
  }
}
