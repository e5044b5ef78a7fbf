package dev.longshore.agent.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.SourceRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestFolderTest {
  private static final SourceRef SOURCE = new SourceRef("r.example:5000", "team/app");
  private static final SourceRef NESTED = new SourceRef("r.example:5000", "team");

  @TempDir Path root;

  @Test
  void manifest_kept_comesBackAfterReopening() throws IOException {
    KnownManifest manifest = manifest("{}\n{}");
    new ManifestFolder(root, 10).keep(SOURCE, manifest);
    KnownManifest found =
        new ManifestFolder(root, 10).manifest(SOURCE, manifest.digest()).orElseThrow();
    assertThat(found.bytes()).isEqualTo(manifest.bytes());
    assertThat(found.mediaType()).isEqualTo("application/test");
  }

  @Test
  void manifest_keptForAnotherRepository_isNotGiven() throws IOException {
    ManifestFolder folder = new ManifestFolder(root, 10);
    KnownManifest manifest = manifest("{}");
    folder.keep(SOURCE, manifest);
    assertThat(folder.manifest(NESTED, manifest.digest())).isEmpty();
    assertThat(folder.all(NESTED)).isEmpty();
  }

  @Test
  void statement_kept_comesBackUntilForgotten() throws IOException {
    ManifestFolder folder = new ManifestFolder(root, 10);
    Digest layer = Digest.sha256(new byte[1]);
    assertThat(folder.statement(SOURCE, layer)).isEmpty();
    folder.keepStatement(SOURCE, layer, new byte[] {1, 2});
    assertThat(new ManifestFolder(root, 10).statement(SOURCE, layer)).contains(new byte[] {1, 2});
    assertThat(folder.statement(NESTED, layer)).isEmpty();
    assertThat(folder.all(SOURCE)).isEmpty();
    folder.forgetStatement(SOURCE, layer);
    assertThat(folder.statement(SOURCE, layer)).isEmpty();
  }

  @Test
  void statements_beyondTheBound_areForgottenToo() throws IOException {
    ManifestFolder folder = new ManifestFolder(root, 10);
    for (int i = 0; i < 50; i++) {
      folder.keepStatement(SOURCE, Digest.sha256(new byte[] {(byte) i}), new byte[] {1});
    }
    try (Stream<Path> files = Files.walk(root)) {
      assertThat(files.filter(Files::isRegularFile).count()).isLessThanOrEqualTo(12);
    }
  }

  @Test
  void manifest_damaged_isDeletedNotGiven() throws IOException {
    ManifestFolder folder = new ManifestFolder(root, 10);
    KnownManifest manifest = manifest("{}");
    folder.keep(SOURCE, manifest);
    Path file = onlyManifestFile();
    Files.writeString(file, Files.readString(file) + " ");
    assertThat(folder.manifest(SOURCE, manifest.digest())).isEmpty();
    assertThat(file).doesNotExist();
  }

  @Test
  void open_tooMany_prunesTheOldest() throws IOException {
    ManifestFolder folder = new ManifestFolder(root, 100);
    KnownManifest old = manifest("old");
    folder.keep(SOURCE, old);
    Files.setLastModifiedTime(onlyManifestFile(), FileTime.fromMillis(1_000));
    KnownManifest young = manifest("young");
    folder.keep(SOURCE, young);
    ManifestFolder pruned = new ManifestFolder(root, 1);
    assertThat(pruned.manifest(SOURCE, old.digest())).isEmpty();
    assertThat(pruned.manifest(SOURCE, young.digest())).isPresent();
  }

  @Test
  void tag_remembered_theLastOneWins() throws IOException {
    ManifestFolder folder = new ManifestFolder(root, 10);
    assertThat(folder.tag(SOURCE, "v1")).isEmpty();
    folder.rememberTag(SOURCE, "v1", Digest.sha256(new byte[] {1}));
    folder.rememberTag(SOURCE, "v1", Digest.sha256(new byte[] {2}));
    assertThat(folder.tag(SOURCE, "v1")).contains(Digest.sha256(new byte[] {2}));
  }

  @Test
  void markPublic_setAndCleared_isSeenByANewFolder() throws IOException {
    new ManifestFolder(root, 10).markPublic(SOURCE, true);
    assertThat(new ManifestFolder(root, 10).isPublic(SOURCE)).isTrue();
    assertThat(new ManifestFolder(root, 10).isPublic(NESTED)).isFalse();
    new ManifestFolder(root, 10).markPublic(SOURCE, false);
    assertThat(new ManifestFolder(root, 10).isPublic(SOURCE)).isFalse();
  }

  @Test
  void folder_nameThatLeavesTheRoot_isADefect() throws IOException {
    ManifestFolder folder = new ManifestFolder(root, 10);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> folder.tag(new SourceRef("..", "../x"), "v1"));
  }

  private Path onlyManifestFile() throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.filter(Files::isRegularFile).findFirst().orElseThrow();
    }
  }

  private static KnownManifest manifest(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new KnownManifest(Digest.sha256(bytes), "application/test", bytes);
  }
}
