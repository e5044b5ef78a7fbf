package dev.longshore.oci.layout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.DigestMismatchException;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.MediaTypes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageLayoutTest {
  @TempDir private Path dir;

  @Test
  void create_thenOpen_yieldsTheTaggedImage() throws Exception {
    ImageLayout layout = ImageLayout.create(dir);
    Descriptor first = SampleImage.write(layout, 1);
    Descriptor second = SampleImage.write(layout, 2);
    layout.tag("v1", first);
    assertThat(layout.resolve(null).digest()).isEqualTo(first.digest());
    layout.tag("v2", second);
    layout.tag("v1", second);
    ImageLayout again = ImageLayout.open(dir);
    assertThat(again.resolve("v1").digest()).isEqualTo(second.digest());
    assertThat(again.index().manifests()).hasSize(2);
    assertThat(again.manifest(again.resolve("v2"))).isInstanceOf(ImageManifest.class);
    assertThat(Files.readString(dir.resolve("oci-layout")))
        .isEqualTo("{\"imageLayoutVersion\":\"1.0.0\"}");
  }

  @Test
  void resolve_absentOrAmbiguous_namesWhatIsThere() throws Exception {
    ImageLayout layout = ImageLayout.create(dir);
    layout.tag("v1", SampleImage.write(layout, 1));
    layout.tag("v2", SampleImage.write(layout, 2));
    assertThatThrownBy(() -> layout.resolve("v3")).hasMessageContaining("only [v1, v2]");
    assertThatThrownBy(() -> layout.resolve(null)).hasMessageContaining("found 2");
  }

  @Test
  void open_noLayoutOrAnotherVersion_saysSo() throws Exception {
    assertThatThrownBy(() -> ImageLayout.open(dir))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not an OCI image layout");
    Files.writeString(dir.resolve("oci-layout"), "{\"imageLayoutVersion\":\"2.0.0\"}");
    assertThatThrownBy(() -> ImageLayout.open(dir)).hasMessageContaining("1.0.0");
  }

  @Test
  void write_streamOfOtherContent_leavesNothing() throws Exception {
    ImageLayout layout = ImageLayout.create(dir);
    Digest digest = Digest.sha256("right".getBytes(UTF_8));
    Descriptor blob = new Descriptor(MediaTypes.OCI_LAYER, digest, 5);
    assertThatThrownBy(() -> layout.write(blob, new ByteArrayInputStream("wrong".getBytes(UTF_8))))
        .isInstanceOf(DigestMismatchException.class);
    try (Stream<Path> files = Files.list(dir.resolve("blobs/sha256"))) {
      assertThat(files).isEmpty();
    }
    layout.write(blob, new ByteArrayInputStream("right".getBytes(UTF_8)));
    assertThat(layout.has(blob)).isTrue();
  }

  @Test
  void manifest_damagedOnDisk_isRefused() throws Exception {
    ImageLayout layout = ImageLayout.create(dir);
    Descriptor image = SampleImage.write(layout, 1);
    byte[] bytes = Files.readAllBytes(layout.path(image.digest()));
    bytes[10] ^= 1;
    Files.write(layout.path(image.digest()), bytes);
    assertThatThrownBy(() -> layout.manifest(image)).isInstanceOf(DigestMismatchException.class);
  }
}
