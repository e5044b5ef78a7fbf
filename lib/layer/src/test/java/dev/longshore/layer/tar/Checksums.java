package dev.longshore.layer.tar;

import dev.longshore.layer.RawText;
import java.util.Arrays;

/** Makes the checksum right in every block that looks like a header, for tests that change them. */
final class Checksums {
  private Checksums() {}

  static void mend(byte[] archive) {
    for (int block = 0; block + 512 <= archive.length; block += 512) {
      if (looksLikeHeader(archive, block)) {
        Arrays.fill(archive, block + 148, block + 156, (byte) ' ');
        int sum = 0;
        for (int i = block; i < block + 512; i++) {
          sum += archive[i] & 0xff;
        }
        System.arraycopy(RawText.bytes("%06o\0 ".formatted(sum)), 0, archive, block + 148, 8);
      }
    }
  }

  private static boolean looksLikeHeader(byte[] archive, int block) {
    return archive[block + 154] == 0 && archive[block + 155] == ' ';
  }
}
