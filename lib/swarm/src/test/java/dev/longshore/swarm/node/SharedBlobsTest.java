package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.service.net.RateLimit;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedBlobsTest {
  /** A BITFIELD of the largest blob there can be. */
  private static final int LARGEST = (1 << 20) / 8;

  @Test
  void beginLookup_manyLargeBitfields_isRefusedUntilOthersEnd(@TempDir Path folder)
      throws IOException {
    SharedBlobs blobs = new SharedBlobs(new TempFileStore(folder), RateLimit.UNLIMITED);
    int begun = 0;
    while (blobs.beginLookup(LARGEST)) {
      begun++;
    }
    assertThat(begun).isEqualTo(128);
    assertThat(blobs.beginLookup(512)).isFalse();
    blobs.endLookup(LARGEST);
    assertThat(blobs.beginLookup(512)).isTrue();
    assertThat(blobs.beginLookup(LARGEST)).isFalse();
  }
}
