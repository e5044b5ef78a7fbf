package dev.longshore.oci.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.Platform;
import dev.longshore.oci.Tag;
import dev.longshore.oci.TagOrDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageTreeTest {
  private static final Tag TAG = new Tag("v1");

  @TempDir Path folder;

  private final List<TagOrDigest> asked = new ArrayList<>();
  private ImageLayout layout;
  private Descriptor index;

  @BeforeEach
  void write() throws IOException {
    layout = ImageLayout.create(folder);
    index = SampleImage.writeMultiPlatform(layout);
  }

  /** The tag is the index; all else is named by its digest. */
  private Manifest manifest(TagOrDigest reference) throws IOException {
    asked.add(reference);
    Digest digest = reference instanceof Digest given ? given : index.digest();
    return Manifest.parse(Files.readAllBytes(layout.path(digest)), null);
  }

  @Test
  void load_onePlatform_isThatImageAlone() throws Exception {
    ImageTree tree = ImageTree.load(TAG, Platform.parse("linux/arm64"), this::manifest);

    assertThat(tree.blobs()).hasSize(4);
    assertThat(tree.root().digest()).isNotEqualTo(index.digest());
    assertThat(asked).containsExactly(TAG, tree.root().digest());
  }

  @Test
  void load_allPlatforms_isEveryImageAndEachManifestIsAskedForOnce() throws Exception {
    ImageTree tree = ImageTree.load(TAG, null, this::manifest);

    assertThat(tree.blobs()).hasSize(8);
    assertThat(tree.root().digest()).isEqualTo(index.digest());
    assertThat(asked).hasSize(3).doesNotHaveDuplicates();
  }

  @Test
  void load_platformThatIsNotThere_namesThoseThatAre() {
    assertThatThrownBy(() -> ImageTree.load(TAG, Platform.parse("linux/s390x"), this::manifest))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("linux/s390x")
        .hasMessageContaining("linux/amd64, linux/arm64/v8");
  }
}
