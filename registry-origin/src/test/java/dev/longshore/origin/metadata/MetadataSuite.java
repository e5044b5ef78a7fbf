package dev.longshore.origin.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import dev.longshore.origin.metadata.NewManifest.Kind;
import dev.longshore.origin.metadata.NewManifest.Reference;
import dev.longshore.origin.store.StorageKey;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every metadata repository must do. */
abstract class MetadataSuite {
  static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final String REPO = "team/app";
  private static final Digest A = Digest.sha256("a".getBytes(UTF_8));
  private static final Digest B = Digest.sha256("b".getBytes(UTF_8));

  @TempDir Path directory;
  private Metadata metadata;

  /** Opens the metadata in this directory; again and again, on the same rows. */
  abstract Metadata open(Path directory, Clock clock) throws Exception;

  @BeforeEach
  void openMetadata() throws Exception {
    metadata = open(directory, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  @AfterEach
  void closeMetadata() {
    metadata.close();
  }

  @Test
  void commitUpload_newDigest_isInThatRepositoryOnly() throws Exception {
    UploadRow upload = start(REPO);

    BlobRow row = metadata.commitUpload(upload, A, 17);

    assertThat(row).isEqualTo(new BlobRow(A, 17, upload.key()));
    assertThat(metadata.blob(REPO, A)).contains(row);
    assertThat(metadata.blob("team/other", A)).isEmpty();
    assertThat(metadata.upload(REPO, upload.id())).isEmpty();
    assertThat(metadata.doomed(10)).isEmpty();
  }

  @Test
  void commitUpload_digestOfAnotherRepository_keepsTheFirstObjectAndDoomsTheSecond()
      throws Exception {
    BlobRow first = metadata.commitUpload(start(REPO), A, 17);
    UploadRow second = start("team/other");

    BlobRow row = metadata.commitUpload(second, A, 17);

    assertThat(row).isEqualTo(first);
    assertThat(metadata.doomed(10)).containsExactly(second.key());
    metadata.forgetDoomed(List.of(second.key()));
    assertThat(metadata.doomed(10)).isEmpty();
  }

  @Test
  void commitUpload_twice_failsTheSecondTime() throws Exception {
    UploadRow upload = start(REPO);
    metadata.commitUpload(upload, A, 17);

    assertThatThrownBy(() -> metadata.commitUpload(upload, B, 17))
        .hasMessageContaining(upload.id());
    assertThat(metadata.blob(REPO, B)).isEmpty();
  }

  @Test
  void deleteBlob_lastRepository_doomsTheObjectAndANewPushGetsAnotherKey() throws Exception {
    BlobRow first = metadata.commitUpload(start(REPO), A, 17);
    assertThat(metadata.mountBlob(REPO, "team/other", A)).isTrue();

    assertThat(metadata.deleteBlob(REPO, A)).containsExactly(A);
    assertThat(metadata.blob(REPO, A)).isEmpty();
    assertThat(metadata.blob("team/other", A)).contains(first);
    assertThat(metadata.doomed(10)).isEmpty();

    assertThat(metadata.deleteBlob("team/other", A)).containsExactly(A);
    assertThat(metadata.doomed(10)).containsExactly(first.key());

    BlobRow again = metadata.commitUpload(start(REPO), A, 17);
    assertThat(again.key()).isNotEqualTo(first.key());
    assertThat(metadata.deleteBlob("team/other", A)).isEmpty();
  }

  @Test
  void mountBlob_sourceHasItNot_isRefused() throws Exception {
    metadata.commitUpload(start(REPO), A, 17);

    assertThat(metadata.mountBlob("team/other", "team/third", A)).isFalse();
    assertThat(metadata.repositoryExists("team/third")).isFalse();
  }

  @Test
  void cancelUpload_started_doomsItsObject() throws Exception {
    UploadRow upload = start(REPO);

    assertThat(metadata.cancelUpload("team/other", upload.id())).isFalse();
    assertThat(metadata.cancelUpload(REPO, upload.id())).isTrue();
    assertThat(metadata.cancelUpload(REPO, upload.id())).isFalse();
    assertThat(metadata.doomed(10)).containsExactly(upload.key());
  }

  @Test
  void uploadsStartedBefore_time_findsOlderOnes() throws Exception {
    UploadRow upload = start(REPO);

    assertThat(metadata.uploadCount()).isEqualTo(1);
    assertThat(metadata.uploadsStartedBefore(NOW)).isEmpty();
    assertThat(metadata.uploadsStartedBefore(NOW.plusMillis(1))).containsExactly(upload);
  }

  @Test
  void putManifest_missingReferences_namesThemAndStoresNothing() throws Exception {
    metadata.commitUpload(start(REPO), A, 17);
    NewManifest manifest =
        manifest(
            "m",
            List.of(
                new Reference(Kind.BLOB, A, true),
                new Reference(Kind.BLOB, B, true),
                new Reference(Kind.MANIFEST, A, true),
                new Reference(Kind.BLOB, Digest.sha256(new byte[9]), false)),
            null,
            null);

    assertThatThrownBy(() -> metadata.putManifest("team/new", manifest, List.of("v1")))
        .isInstanceOf(MissingReferencesException.class);
    assertThat(metadata.repositoryExists("team/new")).isFalse();
    assertThatThrownBy(() -> metadata.putManifest(REPO, manifest, List.of("v1")))
        .isInstanceOfSatisfying(
            MissingReferencesException.class,
            refused -> assertThat(refused.missing()).containsExactly(B, A));
    assertThat(metadata.tag(REPO, "v1")).isEmpty();
  }

  @Test
  void putManifest_again_movesTagsAndKeepsBytes() throws Exception {
    NewManifest first = manifest("first", List.of(), null, null);
    NewManifest second = manifest("second", List.of(), null, null);
    metadata.putManifest(REPO, first, List.of("v1", "latest"));
    metadata.putManifest(REPO, second, List.of("latest"));

    assertThat(metadata.tag(REPO, "v1")).contains(first.row().digest());
    assertThat(metadata.tag(REPO, "latest")).contains(second.row().digest());
    ManifestRow found = metadata.manifest(REPO, first.row().digest()).orElseThrow();
    assertThat(found.content()).isEqualTo("first".getBytes(UTF_8));
    assertThat(found.mediaType()).isEqualTo("type/first");
  }

  @Test
  void deleteManifest_tagged_takesItsTagsAlong() throws Exception {
    NewManifest manifest = manifest("m", List.of(), null, null);
    Digest digest = manifest.row().digest();
    metadata.putManifest(REPO, manifest, List.of("b", "a"));
    metadata.putManifest("team/other", manifest, List.of("c"));

    assertThat(metadata.deleteTag(REPO, "b")).isTrue();
    assertThat(metadata.deleteTag(REPO, "b")).isFalse();
    assertThat(metadata.manifest(REPO, digest)).isPresent();
    assertThat(metadata.deleteManifest(REPO, digest)).contains(List.of("a"));
    assertThat(metadata.deleteManifest(REPO, digest)).isEmpty();
    assertThat(metadata.tag(REPO, "a")).isEmpty();
    assertThat(metadata.tag("team/other", "c")).contains(digest);
  }

  @Test
  void tags_pages_areInAsciiOrder() throws Exception {
    metadata.putManifest(
        REPO, manifest("m", List.of(), null, null), List.of("b", "B", "a", "_", "1"));

    assertThat(metadata.tags(REPO, null, 100)).containsExactly("1", "B", "_", "a", "b");
    assertThat(metadata.tags(REPO, "B", 2)).containsExactly("_", "a");
    assertThat(metadata.tags(REPO, "b", 2)).isEmpty();
    assertThat(metadata.tags(REPO, null, 0)).isEmpty();
    assertThat(metadata.tags("team/none", null, 5)).isEmpty();
  }

  @Test
  void repositories_pages_areInAsciiOrder() throws Exception {
    for (String name : List.of("b/x", "a", "c")) {
      metadata.putManifest(name, manifest("m", List.of(), null, null), List.of());
    }
    assertThat(metadata.repositories(null, 2)).containsExactly("a", "b/x");
    assertThat(metadata.repositories("b/x", 2)).containsExactly("c");
  }

  @Test
  void referrers_ofASubject_areFilteredAndPaged() throws Exception {
    NewManifest sbom = manifest("sbom", List.of(), A, "application/sbom");
    NewManifest signature = manifest("signature", List.of(), A, "application/signature");
    NewManifest plain = manifest("plain", List.of(), A, null);
    for (NewManifest manifest : List.of(sbom, signature, plain)) {
      metadata.putManifest(REPO, manifest, List.of());
    }
    metadata.putManifest("team/other", sbom, List.of());

    List<ReferrerRow> all = metadata.referrers(REPO, A, null, null, 10);
    assertThat(all)
        .extracting(ReferrerRow::digest)
        .isSorted()
        .containsExactlyInAnyOrder(
            sbom.row().digest(), signature.row().digest(), plain.row().digest());
    assertThat(metadata.referrers(REPO, A, "application/sbom", null, 10))
        .containsExactly(
            new ReferrerRow(
                sbom.row().digest(), "type/sbom", 4, "application/sbom", Map.of("k", "v")));
    assertThat(metadata.referrers(REPO, A, null, all.get(0).digest(), 1))
        .containsExactly(all.get(1));
    assertThat(metadata.referrers(REPO, B, null, null, 10)).isEmpty();
  }

  @Test
  void pieceMap_ofABlob_livesAsLongAsTheBlob() throws Exception {
    assertThat(metadata.putPieceMap(A, new byte[] {1})).isFalse();
    BlobRow blob = metadata.commitUpload(start(REPO), A, 17);
    assertThat(metadata.blobsWithoutPieceMap(5)).containsExactly(blob);

    assertThat(metadata.putPieceMap(A, new byte[] {1, 2})).isTrue();
    assertThat(metadata.pieceMap(A)).contains(new byte[] {1, 2});
    assertThat(metadata.blobsWithoutPieceMap(5)).isEmpty();
    metadata.deleteBlob(REPO, A);
    assertThat(metadata.pieceMap(A)).isEmpty();
  }

  @Test
  void commitLayerIndex_layerInTwoRepositories_isInBothAndInNoOther() throws Exception {
    metadata.commitUpload(start(REPO), A, 17);
    metadata.mountBlob(REPO, "team/other", A);
    metadata.commitUpload(start("team/third"), digest("something else"), 17);
    UploadRow upload = start("");

    assertThat(metadata.layerIndex(A)).isEmpty();
    BlobRow index = metadata.commitLayerIndex(A, upload, B, 5).orElseThrow();

    assertThat(index).isEqualTo(new BlobRow(B, 5, upload.key()));
    assertThat(metadata.layerIndex(A)).contains(new LayerIndexRow.Made(index));
    assertThat(metadata.blob(REPO, B)).contains(index);
    assertThat(metadata.blob("team/other", B)).contains(index);
    assertThat(metadata.blob("team/third", B)).isEmpty();
    assertThat(metadata.uploadCount()).isZero();
    assertThat(metadata.blobsWithoutPieceMap(9)).contains(index);
    assertThat(metadata.doomed(10)).isEmpty();
  }

  @Test
  void deleteBlob_layerWithAnIndex_takesTheIndexAlong() throws Exception {
    BlobRow layer = metadata.commitUpload(start(REPO), A, 17);
    metadata.mountBlob(REPO, "team/other", A);
    BlobRow index = metadata.commitLayerIndex(A, start(""), B, 5).orElseThrow();

    assertThat(metadata.deleteBlob(REPO, B)).as("it goes with its layer only").isEmpty();
    assertThat(metadata.deleteBlob(REPO, A)).containsExactlyInAnyOrder(A, B);
    assertThat(metadata.blob(REPO, B)).isEmpty();
    assertThat(metadata.blob("team/other", B)).contains(index);
    assertThat(metadata.doomed(10)).isEmpty();

    assertThat(metadata.deleteBlob("team/other", A)).containsExactlyInAnyOrder(A, B);
    assertThat(metadata.doomed(10)).containsExactlyInAnyOrder(layer.key(), index.key());
    assertThat(metadata.layerIndex(A)).isEmpty();
  }

  @Test
  void deleteBlob_layerWhoseIndexAUserPushedToo_leavesTheIndex() throws Exception {
    BlobRow layer = metadata.commitUpload(start(REPO), A, 17);
    BlobRow index = metadata.commitLayerIndex(A, start(""), B, 5).orElseThrow();
    UploadRow pushed = start(REPO);
    assertThat(metadata.commitUpload(pushed, B, 5)).isEqualTo(index);
    assertThat(metadata.doomed(10)).containsExactly(pushed.key());

    metadata.deleteBlob(REPO, A);

    assertThat(metadata.blob(REPO, B)).contains(index);
    assertThat(metadata.doomed(10)).containsExactlyInAnyOrder(pushed.key(), layer.key());
    assertThat(metadata.deleteBlob(REPO, B)).containsExactly(B);
    assertThat(metadata.doomed(10)).contains(index.key());
  }

  @Test
  void deleteBlob_indexThatAUserPushed_staysTheIndex() throws Exception {
    metadata.commitUpload(start(REPO), A, 17);
    BlobRow pushed = metadata.commitUpload(start(REPO), B, 5);
    UploadRow upload = start("");

    assertThat(metadata.commitLayerIndex(A, upload, B, 5)).contains(pushed);
    assertThat(metadata.doomed(10)).containsExactly(upload.key());

    assertThat(metadata.deleteBlob(REPO, B)).containsExactly(B);
    assertThat(metadata.blob(REPO, B)).contains(pushed);
    assertThat(metadata.doomed(10)).containsExactly(upload.key());
  }

  @Test
  void commitLayerIndex_layerGone_doomsIt() throws Exception {
    UploadRow upload = start("");

    assertThat(metadata.commitLayerIndex(A, upload, B, 5)).isEmpty();

    assertThat(metadata.doomed(10)).containsExactly(upload.key());
    assertThat(metadata.uploadCount()).isZero();
  }

  @Test
  void commitLayerIndex_anotherOneForTheLayer_takesItsPlace() throws Exception {
    metadata.commitUpload(start(REPO), A, 17);
    BlobRow first = metadata.commitLayerIndex(A, start(""), B, 5).orElseThrow();

    BlobRow second = metadata.commitLayerIndex(A, start(""), digest("better"), 6).orElseThrow();

    assertThat(metadata.layerIndex(A)).contains(new LayerIndexRow.Made(second));
    assertThat(metadata.blob(REPO, B)).isEmpty();
    assertThat(metadata.doomed(10)).containsExactly(first.key());
  }

  @Test
  void putImpossibleIndex_ofALayer_isRememberedAsLongAsTheLayer() throws Exception {
    assertThat(metadata.putImpossibleIndex(A, "no tar")).isFalse();
    metadata.commitUpload(start(REPO), A, 17);
    assertThat(metadata.putImpossibleIndex(A, "no tar")).isTrue();
    assertThat(metadata.layerIndex(A)).contains(new LayerIndexRow.Impossible("no tar"));
    metadata.deleteBlob(REPO, A);
    metadata.commitUpload(start(REPO), A, 17);
    assertThat(metadata.layerIndex(A)).isEmpty();
    metadata.commitLayerIndex(A, start(""), B, 5);
    assertThat(metadata.putImpossibleIndex(A, "too late")).isFalse();
  }

  @Test
  void putManifest_lazyLayers_areWantedOnceUntilTheyHaveAnIndex() throws Exception {
    BlobRow layer = metadata.commitUpload(start(REPO), A, 17);
    BlobRow other = metadata.commitUpload(start(REPO), B, 17);
    NewManifest one = manifest("m1", List.of(new Reference(Kind.BLOB, A, true)), List.of(A));
    NewManifest two = manifest("m2", List.of(), List.of(A, B, digest("a foreign layer")));

    assertThat(metadata.putManifest(REPO, one, List.of())).containsExactly(layer);
    assertThat(metadata.putManifest(REPO, one, List.of())).isEmpty();
    assertThat(metadata.putManifest(REPO, two, List.of())).containsExactly(other);
    assertThat(metadata.layersWithoutIndex(9)).containsExactly(other, layer);
    assertThat(metadata.layerIndex(A)).isEmpty();

    metadata.putImpossibleIndex(B, "no tar");
    assertThat(metadata.layersWithoutIndex(9)).containsExactly(layer);
    metadata.commitLayerIndex(A, start(""), digest("index"), 5);
    assertThat(metadata.layersWithoutIndex(9)).isEmpty();
    assertThat(metadata.putManifest(REPO, two, List.of())).isEmpty();
  }

  @Test
  void putManifest_referringToAnIndex_keepsItBeyondItsLayer() throws Exception {
    metadata.commitUpload(start(REPO), A, 17);
    BlobRow index = metadata.commitLayerIndex(A, start(""), B, 5).orElseThrow();
    NewManifest artifact =
        manifest("artifact", List.of(new Reference(Kind.BLOB, B, true)), List.of());
    assertThatThrownBy(() -> metadata.putManifest("team/other", artifact, List.of()))
        .isInstanceOf(MissingReferencesException.class);

    metadata.putManifest(REPO, artifact, List.of());
    metadata.deleteBlob(REPO, A);

    assertThat(metadata.blob(REPO, B)).contains(index);
  }

  @Test
  void addUser_taken_leavesTheFirst() throws Exception {
    assertThat(metadata.addUser("admin", "one")).isTrue();
    assertThat(metadata.addUser("admin", "two")).isFalse();
    assertThat(metadata.password("admin")).contains("one");
    assertThat(metadata.password("nobody")).isEmpty();
  }

  @Test
  void everything_afterReopening_isThere() throws Exception {
    UploadRow open = start(REPO);
    BlobRow blob = metadata.commitUpload(start(REPO), A, 17);
    NewManifest manifest = manifest("m", List.of(), null, null);
    metadata.putManifest(REPO, manifest, List.of("v1"));
    metadata.close();

    metadata = open(directory, Clock.fixed(NOW, ZoneOffset.UTC));

    assertThat(metadata.upload(REPO, open.id())).contains(open);
    assertThat(metadata.blob(REPO, A)).contains(blob);
    assertThat(metadata.tag(REPO, "v1")).contains(manifest.row().digest());
  }

  @Test
  void writes_fromManyThreads_areAllThere() throws Exception {
    List<Future<BlobRow>> commits = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i : IntStream.range(0, 300).toArray()) {
        Digest digest = Digest.sha256(Integer.toString(i % 100).getBytes(UTF_8));
        commits.add(threads.submit(() -> metadata.commitUpload(start("team/" + i), digest, i)));
      }
    }
    for (int i : IntStream.range(0, 300).toArray()) {
      assertThat(metadata.blob("team/" + i, commits.get(i).get().digest()))
          .contains(commits.get(i).get());
    }
    assertThat(metadata.doomed(1000)).hasSize(200);
  }

  @Test
  void anything_afterClosing_saysSo() {
    metadata.close();
    assertThatThrownBy(() -> metadata.repositoryExists(REPO)).hasMessageContaining("closed");
    assertThatThrownBy(() -> start(REPO)).hasMessageContaining("closed");
  }

  private UploadRow start(String repository) throws Exception {
    UploadRow upload =
        new UploadRow(UUID.randomUUID().toString(), repository, StorageKey.random(), NOW);
    metadata.startUpload(upload);
    return upload;
  }

  private static Digest digest(String text) {
    return Digest.sha256(text.getBytes(UTF_8));
  }

  private static NewManifest manifest(
      String content, List<Reference> references, @Nullable Digest subject, @Nullable String type) {
    return manifest(content, references, subject, type, List.of());
  }

  private static NewManifest manifest(
      String content, List<Reference> references, List<Digest> lazyLayers) {
    return manifest(content, references, null, null, lazyLayers);
  }

  private static NewManifest manifest(
      String content,
      List<Reference> references,
      @Nullable Digest subject,
      @Nullable String type,
      List<Digest> lazyLayers) {
    byte[] bytes = content.getBytes(UTF_8);
    return new NewManifest(
        new ManifestRow(Digest.sha256(bytes), "type/" + content, bytes),
        references,
        subject,
        type,
        Map.of("k", "v"),
        lazyLayers);
  }
}
