package dev.longshore.layer.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TarParserRobustnessTest {
  private static final byte[] SAMPLE = Samples.everything();
  private static final List<TarEntry> ENTRIES = entries();

  private static List<TarEntry> entries() {
    try {
      return Parsed.of(SAMPLE);
    } catch (MalformedTarException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void feed_chunksOfAnySize_givesTheSameEntries() throws Exception {
    long seed = new Random().nextLong();
    SplittableRandom random = new SplittableRandom(seed);

    assertThat(ENTRIES).hasSize(8);
    for (int most : new int[] {1, 2, 7, 500, 512, 513, 1500}) {
      for (int run = 0; run < 20; run++) {
        assertThat(Parsed.inChunks(SAMPLE, most, random))
            .as("seed %d, chunks of at most %d bytes", seed, most)
            .isEqualTo(ENTRIES);
      }
    }
  }

  @Test
  void finish_truncatedAnywhere_isRefusedButWhereAnArchiveMayEnd() {
    for (int length = 0; length <= SAMPLE.length; length++) {
      byte[] cut = Arrays.copyOf(SAMPLE, length);
      if (mayEnd(length)) {
        assertThatCode(() -> Parsed.of(cut)).as("cut to %d", length).doesNotThrowAnyException();
      } else {
        assertThatThrownBy(() -> Parsed.of(cut))
            .as("cut to %d", length)
            .isInstanceOf(MalformedTarException.class);
      }
    }
  }

  /**
   * At the end of an entry, or in the padding after a file, whose data here never fills a block.
   */
  private static boolean mayEnd(int length) {
    return Samples.ends().stream().anyMatch(end -> end == length)
        || dataEnds().anyMatch(end -> length >= end && length < end + (-end & 511));
  }

  private static LongStream dataEnds() {
    return ENTRIES.stream()
        .filter(entry -> !entry.data().isEmpty())
        .map(entry -> entry.data().getLast())
        .mapToLong(last -> last.streamOffset() + last.length());
  }

  @Test
  void feed_mutatedArchive_throwsNothingElse() {
    long seed = new Random().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    int refused = 0;
    for (int run = 0; run < 20_000; run++) {
      byte[] mutated = SAMPLE.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        mutate(mutated, random);
      }
      try {
        Parsed.of(mutated);
      } catch (MalformedTarException e) {
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ", run " + run, e);
      }
    }
    assertThat(refused).as("seed %d", seed).isBetween(1, 19_999);
  }

  /**
   * Changes one byte, or copies some, and mends the checksums, so that more than those is tried.
   */
  private static void mutate(byte[] archive, SplittableRandom random) {
    int at = random.nextInt(archive.length);
    if (random.nextInt(4) > 0) {
      archive[at] = (byte) random.nextInt();
    } else {
      int length = random.nextInt(Math.min(40, archive.length - at) + 1);
      System.arraycopy(archive, random.nextInt(archive.length - length), archive, at, length);
    }
    Checksums.mend(archive);
  }
}
