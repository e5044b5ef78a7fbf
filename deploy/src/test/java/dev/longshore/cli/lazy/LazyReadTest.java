package dev.longshore.cli.lazy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.cli.cluster.TestCluster;
import dev.longshore.layer.index.LayerIndex;
import dev.longshore.layer.span.Span;
import dev.longshore.layer.span.SpanReader;
import dev.longshore.oci.Digest;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.json.BoundedJson;
import dev.longshore.piece.PieceLayout;
import dev.longshore.service.Daemon;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Parts of a layer, by its index, from an agent that has nothing of it. */
class LazyReadTest {
  private static final RepositoryName REPO = new RepositoryName("team/app");
  private static final int FILES = 640;
  private static final int FILE_BYTES = 64 << 10;

  @TempDir Path folder;
  private TestCluster cluster;
  private byte[] tar;
  private byte[] layer;
  private Digest digest;
  private PieceLayout pieces;

  @BeforeEach
  void pushAnImage() throws Exception {
    cluster = TestCluster.start(folder);
    tar = archive(folder.resolve("tree"));
    layer = gzip(tar);
    digest = Digest.sha256(layer);
    pieces = PieceLayout.forSize(layer.length);
    var _ = cluster.push(REPO.value(), "v1", layer);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void span_readThroughAnAgent_isRightAndFetchesItsPiecesOnly() throws Exception {
    Daemon agent = cluster.agent("agent");
    try (RegistryClient mirror = mirror(agent)) {
      LayerIndex index = index(mirror);
      assertThat(index.diffId()).isEqualTo(Digest.sha256(tar));
      Set<Integer> touched = new HashSet<>();

      for (Span span : List.of(index.spans().get(20), index.spans().get(3))) {
        readAndCheck(mirror, index, span, touched);
      }

      assertThat(touched.size() * 10).as("pieces").isLessThan(pieces.count());
      assertFetched(mirror, touched);
    }
  }

  @Test
  void spans_ofManyReadersAtOnce_areRightAndFetchTheirPiecesOnly() throws Exception {
    Daemon agent = cluster.agent("agent");
    try (RegistryClient mirror = mirror(agent);
        ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
      LayerIndex index = index(mirror);
      Set<Integer> touched = new HashSet<>();
      List<Future<?>> reads = new ArrayList<>();
      for (int at = 0; at < index.spans().size(); at += 5) {
        Span span = index.spans().get(at);
        touched.addAll(piecesOf(span));
        reads.add(
            readers.submit(() -> {
              readAndCheck(mirror, index, span, new HashSet<>());
              return null;
            }));
      }
      for (Future<?> read : reads) {
        read.get();
      }
      assertFetched(mirror, touched);
      assertThat(bytes(touched)).isLessThan(layer.length);
    }
  }

  @Test
  void span_thatAnotherAgentHas_comesFromThere() throws Exception {
    Daemon first = cluster.agent("first");
    Daemon second = cluster.agent("second");
    try (RegistryClient one = mirror(first);
        RegistryClient other = mirror(second)) {
      LayerIndex index = index(one);
      Span span = index.spans().get(7);
      readAndCheck(one, index, span, new HashSet<>());

      Set<Integer> touched = new HashSet<>();
      readAndCheck(other, index(other), span, touched);

      assertFetched(other, touched);
      assertThat(transfer(other, "fromPeers")).isEqualTo(bytes(touched));
      assertThat(transfer(other, "fromSource")).isZero();
    }
  }

  @Test
  void span_whileTheLayerIsPulled_bothAreRight() throws Exception {
    Daemon agent = cluster.agent("agent");
    try (RegistryClient mirror = mirror(agent);
        ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
      LayerIndex index = index(mirror);
      readAndCheck(mirror, index, index.spans().getLast(), new HashSet<>());
      Future<byte[]> pull =
          readers.submit(() -> {
            try (InputStream in = mirror.openBlob(REPO, digest, layer.length)) {
              return in.readAllBytes();
            }
          });
      for (Span span : index.spans().reversed()) {
        readAndCheck(mirror, index, span, new HashSet<>());
      }
      assertThat(pull.get()).isEqualTo(layer);
      await().until(() -> transferState(mirror).equals("complete"));
      assertThat(fetched(mirror)).isEqualTo(layer.length);
    }
  }

  /** A rehearsal of what the snapshotter asks; prints what it cost. */
  @Test
  void index_ofAFreshPush_isThereSoonAndSmall() throws Exception {
    Daemon agent = cluster.agent("agent");
    try (RegistryClient mirror = mirror(agent)) {
      long start = System.nanoTime();
      byte[] encoded = encodedIndex(mirror);
      long indexMillis = Duration.ofNanos(System.nanoTime() - start).toMillis();
      LayerIndex index = LayerIndex.decode(ByteBuffer.wrap(encoded), LayerIndex.DEFAULT_MEMORY);
      Set<Integer> touched = new HashSet<>();
      Random random = new Random(5);
      List<Long> micros = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Span span = index.spans().get(random.nextInt(index.spans().size()));
        long begin = System.nanoTime();
        readAndCheck(mirror, index, span, touched);
        micros.add(Duration.ofNanos(System.nanoTime() - begin).toNanos() / 1000);
      }
      System.out.printf(
          "layer %d bytes, %d pieces; index %d bytes after %d ms; 8 spans: %d bytes fetched of %d"
              + " in the pieces they touch; each took %s µs%n",
          layer.length,
          pieces.count(),
          encoded.length,
          indexMillis,
          fetched(mirror),
          bytes(touched),
          micros);
      assertFetched(mirror, touched);
    }
  }

  private void readAndCheck(
      RegistryClient mirror, LayerIndex index, Span span, Set<Integer> touched) throws IOException {
    touched.addAll(piecesOf(span));
    byte[] input;
    try (InputStream in =
        mirror.openBlobRange(REPO, digest, span.inputOffset(), span.inputLength())) {
      input = in.readAllBytes();
    }
    byte[] output = new byte[Math.toIntExact(span.streamLength())];
    try (SpanReader reader = new SpanReader()) {
      reader.read(span, index.compression(), ByteBuffer.wrap(input), ByteBuffer.wrap(output));
    }
    int from = Math.toIntExact(span.streamOffset());
    assertThat(output).isEqualTo(Arrays.copyOfRange(tar, from, from + output.length));
  }

  private Set<Integer> piecesOf(Span span) {
    Set<Integer> touched = new HashSet<>();
    int last = pieces.pieceAt(span.inputOffset() + span.inputLength() - 1);
    for (int piece = pieces.pieceAt(span.inputOffset()); piece <= last; piece++) {
      touched.add(piece);
    }
    return touched;
  }

  private long bytes(Set<Integer> touched) {
    return touched.stream().mapToLong(pieces::length).sum();
  }

  private LayerIndex index(RegistryClient mirror) throws Exception {
    return LayerIndex.decode(ByteBuffer.wrap(encodedIndex(mirror)), LayerIndex.DEFAULT_MEMORY);
  }

  private byte[] encodedIndex(RegistryClient mirror) throws IOException {
    return mirror.fetchExtension(REPO, "_longshore/index/" + digest, 64 << 20).orElseThrow();
  }

  /** The agent got these pieces and no more; they are counted a moment after they arrived. */
  private void assertFetched(RegistryClient mirror, Set<Integer> touched) throws Exception {
    await().until(() -> fetched(mirror) >= bytes(touched));
    assertThat(fetched(mirror)).isEqualTo(bytes(touched));
  }

  /** Bytes of the layer that the agent got, from whomever. */
  private long fetched(RegistryClient mirror) throws Exception {
    return transfer(mirror, "fromSource")
        + transfer(mirror, "fromSeeders")
        + transfer(mirror, "fromPeers");
  }

  private long transfer(RegistryClient mirror, String field) throws Exception {
    return report(mirror).path(field).asLong();
  }

  private String transferState(RegistryClient mirror) throws Exception {
    return report(mirror).path("state").asString();
  }

  private ObjectNode report(RegistryClient mirror) throws Exception {
    byte[] told =
        mirror.fetchExtension(REPO, "_longshore/transfers/" + digest, 1 << 16).orElseThrow();
    return BoundedJson.parseObject(told, 1 << 16, "what the agent tells of a transfer");
  }

  private static RegistryClient mirror(Daemon agent) {
    return RegistryClient.builder(URI.create(TestCluster.mirror(agent)))
        .mirrorOf(TestCluster.REGISTRY)
        .build();
  }

  private static byte[] archive(Path tree) throws Exception {
    Files.createDirectories(tree);
    Random random = new Random(1);
    for (int i = 0; i < FILES; i++) {
      byte[] content = new byte[FILE_BYTES];
      random.nextBytes(content);
      Arrays.fill(content, 0, FILE_BYTES / 2, (byte) i);
      Files.write(tree.resolve("file" + i), content);
    }
    Process packing =
        new ProcessBuilder("tar", "--sort=name", "-cf", "-", "-C", tree.toString(), ".")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    byte[] archive = packing.getInputStream().readAllBytes();
    assertThat(packing.waitFor()).isZero();
    return archive;
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }
}
