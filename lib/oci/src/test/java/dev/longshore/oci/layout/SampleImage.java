package dev.longshore.oci.layout;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.ImageIndex;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Writes images of random layers into layouts. */
final class SampleImage {
  private SampleImage() {}

  /** One platform, three layers. */
  static Descriptor write(ImageLayout layout, long seed) throws IOException {
    Random random = new Random(seed);
    List<Descriptor> layers = new ArrayList<>();
    for (int size : new int[] {100, 70_000, 2_000_000}) {
      byte[] layer = new byte[size];
      random.nextBytes(layer);
      layers.add(layout.write(MediaTypes.OCI_LAYER_GZIP, layer));
    }
    String config = "{\"architecture\":\"amd64\",\"os\":\"linux\",\"seed\":" + seed + "}";
    Descriptor configBlob = layout.write(MediaTypes.OCI_CONFIG, config.getBytes(UTF_8));
    ImageManifest image = ImageManifest.of(configBlob, layers, Map.of());
    return layout.write(MediaTypes.OCI_MANIFEST, image.bytes());
  }

  /** Two platforms. */
  static Descriptor writeMultiPlatform(ImageLayout layout) throws IOException {
    Descriptor amd = write(layout, 1).withPlatform(Platform.parse("linux/amd64"));
    Descriptor arm = write(layout, 2).withPlatform(Platform.parse("linux/arm64/v8"));
    byte[] index = ImageIndex.of(List.of(amd, arm), Map.of()).bytes();
    return layout.write(MediaTypes.OCI_INDEX, index);
  }
}
