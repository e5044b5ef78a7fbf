package dev.longshore.layer.tar;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Feeds the parser what Jazzer makes up, when {@code JAZZER_FUZZ=1} is in the environment and
 * {@code -Djazzer.hooks=true} on the command line; else the samples only.
 */
class TarParserFuzzTest {

  static Stream<byte[]> samples() {
    byte[] everything = Samples.everything();
    return Stream.concat(
        Stream.of(new byte[0], new byte[1024], everything),
        Samples.ends().stream()
            .filter(end -> end < everything.length)
            .map(end -> Arrays.copyOfRange(everything, end, everything.length)));
  }

  @MethodSource("samples")
  @FuzzTest(maxDuration = "5m")
  void feed_anyBytes_giveOrderlyEntriesOrAreRefused(byte[] archive) {
    Checksums.mend(archive);
    List<TarEntry> entries;
    try {
      entries = Parsed.of(archive);
    } catch (MalformedTarException e) {
      assertThat(e.offset()).isBetween(0L, (long) archive.length);
      return;
    }
    long stream = 0;
    for (TarEntry entry : entries) {
      stream = checked(entry, stream, archive.length);
    }
    assertThat(sameInChunks(archive)).isEqualTo(entries);
  }

  private static long checked(TarEntry entry, long from, long archiveLength) {
    assertThat(entry.mode()).isBetween(0, 07777);
    assertThat(entry.uid()).isBetween(0L, 0xffff_ffffL);
    assertThat(entry.gid()).isBetween(0L, 0xffff_ffffL);
    assertThat(entry.nanos()).isBetween(0, 999_999_999);
    assertThat(entry.size()).isNotNegative();
    long stream = from;
    long file = 0;
    for (Segment segment : entry.data()) {
      assertThat(entry.type()).isEqualTo(EntryType.FILE);
      assertThat(segment.streamOffset()).isGreaterThanOrEqualTo(stream);
      assertThat(segment.fileOffset()).isGreaterThanOrEqualTo(file);
      stream = segment.streamOffset() + segment.length();
      file = segment.fileOffset() + segment.length();
    }
    assertThat(file).isLessThanOrEqualTo(entry.size());
    assertThat(stream).isLessThanOrEqualTo(archiveLength);
    return stream;
  }

  private static List<TarEntry> sameInChunks(byte[] archive) {
    try {
      return Parsed.inChunks(archive, 600, new SplittableRandom(archive.length));
    } catch (MalformedTarException e) {
      throw new AssertionError(e);
    }
  }
}
