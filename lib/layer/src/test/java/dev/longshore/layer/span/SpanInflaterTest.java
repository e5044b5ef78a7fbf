package dev.longshore.layer.span;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.layer.span.Zlib.Inflated;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The inflater beside zlib: they agree on what deflate data are and where blocks end. */
class SpanInflaterTest {
  private static final long SEED = 20260613;

  private final Optional<Zlib> zlib = Zlib.find();

  @BeforeEach
  void requireZlib() {
    assumeTrue(zlib.isPresent(), "there is no libz.so.1 here");
  }

  @Test
  void run_damagedData_isWhatZlibMakesOfThem() {
    Random random = new Random(SEED);
    int bad = 0;
    int tries = 10_000;
    for (int i = 0; i < tries; i++) {
      byte[] stream = TestBlobs.stream(random.nextLong(), 1 + random.nextInt(3_000));
      int strategy = random.nextInt(4) == 0 ? Deflater.HUFFMAN_ONLY : Deflater.DEFAULT_STRATEGY;
      byte[] data =
          TestBlobs.deflate(
              stream, random.nextInt(10), strategy, 1 + random.nextInt(2 * stream.length));
      // The head of a block, where its codes are, is where most can go wrong.
      int damages = random.nextInt(4);
      for (int n = 0; n < damages; n++) {
        int within = random.nextBoolean() ? Math.min(60, data.length) : data.length;
        data[random.nextInt(within)] ^= (byte) (1 << random.nextInt(8));
      }

      Inflated expected = zlib.orElseThrow().inflate(data);

      assertThat(inflate(data, new Random(i))).as("seed %d, try %d", SEED, i).isEqualTo(expected);
      bad += expected.end().isEmpty() ? 1 : 0;
    }
    assertThat(bad).isBetween(tries / 5, tries * 4 / 5);
  }

  @Test
  void run_longData_isWhatZlibMakesOfThem() {
    byte[] stream = TestBlobs.stream(SEED, 3_000_000);
    for (int level = 0; level < 10; level++) {
      byte[] data = TestBlobs.deflate(stream, level, Deflater.DEFAULT_STRATEGY, stream.length);

      Inflated expected = zlib.orElseThrow().inflate(data);

      assertThat(expected.end()).isPresent();
      assertThat(inflate(data, new Random(level))).as("level %d", level).isEqualTo(expected);
    }
  }

  /** Output is the number of bytes, -1 for what is no deflate data. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a block of type 3, -1, " + "07",
    "fixed codes: at once the end, 0, " + "0300",
    "fixed codes: three literals, 3, " + "4b64f80f00",
    "fixed codes: a match of 258, 259, " + "4b1c0500",
    "fixed codes: 258 with extra bits, 259, " + "4b1cf90000",
    "fixed codes: a distance past the beginning, -1, " + "4b044200",
    "fixed codes: length symbol 286, -1, " + "4b1c0300",
    "fixed codes: distance symbol 30, -1, " + "4b043e000000",
    "stored: lengths that differ, -1, " + "0100000000",
    "stored: no bytes, 0, " + "010000ffff",
    "stored: one byte, 1, " + "010100feff61",
    "codes: two literals, 2, "
        + "05e001080000008220000000000000000000000000000000000000000000000000"
        + "500000000000000000000000000000000000000000000000000000000000000000"
        + "000000000000004803",
    "codes: 288 literal symbols, -1, "
        + "fde001040000000010000000000000000000000000080000000000000000000000"
        + "00000000000000000400000000",
    "codes: 31 distance symbols, -1, "
        + "05fe01040000000010000000000000000000000000080000000000000000000000"
        + "00000000000000000400000000",
    "codes: no end of block, -1, "
        + "05e001040000000010000000000000000000000000180000000000000000000000"
        + "000000000000000000",
    "codes: the end alone, 0, "
        + "05e001040000000010000000000000000000000000000000000000000000000000"
        + "000000000000000004",
    "codes: the end alone and its unused twin, -1, "
        + "05e001040000000010000000000000000000000000000000000000000000000000"
        + "000000000000000014",
    "codes: literals incomplete, -1, "
        + "05e001040000004000000000000000000000000000080000000000000000000000"
        + "000000000000000014",
    "codes: literals over-subscribed, -1, "
        + "05e001040000000010000000000000000000000000180000000000000000000000"
        + "000000000000000014",
    "codes: distances incomplete, -1, "
        + "05e101080000008220000000000000000000000000000000000000000000000000"
        + "200000000000000000000000000000000000000000000000000000000000000000"
        + "000000000000005802",
    "codes: one distance of one bit, 4, "
        + "0de001080000008220000000000000000000000000000000000000000000000000"
        + "100000000000000000000000000000000000000000000000000000000000000000"
        + "00000000000000a431",
    "codes: one distance and its unused twin, -1, "
        + "0de001080000008220000000000000000000000000000000000000000000000000"
        + "100000000000000000000000000000000000000000000000000000000000000000"
        + "00000000000000a4390000",
    "codes: a match without any distance, -1, "
        + "0de001080000008220000000000000000000000000000000000000000000000000"
        + "100000000000000000000000000000000000000000000000000000000000000000"
        + "0000000000000024310000",
    "codes: code lengths without a word, -1, "
        + "05e001000000000000000000000000000000000000000000000000000000000000"
        + "000000000000000000000000000000000000000000000000000000",
    "codes: code lengths of a single word, -1, "
        + "05e001000000000010000000000000000000000000000000000000000000000000"
        + "000000000000000000000000000000000000000000000000000000",
    "codes: a repeat of nothing, -1, " + "05e0030000000000100400000000000000000000000000",
    "codes: a repeat past the end, -1, " + "05e081000000000010fcff03000000000000000000000000",
    "codes: words of 15 bits, 3, "
        + "05e00190244992244922b1a87964f5ec3d00000000000000000000000000000000"
        + "000000000000000000000000000000000000000000000000000000000000000000"
        + "000000000000000000000000000000000000000000000000000000000000000000"
        + "000000000000000000000000000000000000000000000000000000000000000000"
        + "00000000003cfcfffc7fff7f"
  })
  void run_handMadeData_isWhatTheFormatSays(String name, int output, String hex) {
    byte[] data = HexFormat.of().parseHex(hex);

    Inflated inflated = inflate(data, new Random(SEED));

    assertThat(inflated).as(name).isEqualTo(zlib.orElseThrow().inflate(data));
    assertThat(inflated.output()).as(name).isEqualTo(output);
  }

  /** Feeds and drains in random portions. */
  private static Inflated inflate(byte[] data, Random random) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    StringBuilder blocks = new StringBuilder();
    ByteBuffer input = ByteBuffer.wrap(data);
    byte[] window = new byte[Window.MAX_BYTES];
    RawInflater inflater = new RawInflater();
    inflater.begin();
    try {
      while (true) {
        RawInflater.Stop stop = inflater.run(1 + random.nextInt(1 << (1 + random.nextInt(16))));
        byte[] bytes = new byte[inflater.output().remaining()];
        inflater.output().get(bytes);
        output.writeBytes(bytes);
        switch (stop) {
          case OUTPUT_FULL -> {}
          case BLOCK_ENDED ->
              blocks.append(
                  Inflated.block(
                      inflater.input().position(),
                      inflater.unusedBits(),
                      inflater.copyWindow(window)));
          case STREAM_ENDED -> {
            return Inflated.well(blocks, inflater.input().position(), output.toByteArray());
          }
          case NEEDS_INPUT -> {
            if (!input.hasRemaining()) {
              return Inflated.badly(blocks);
            }
            int count = 1 + random.nextInt(1 << (1 + random.nextInt(12)));
            inflater.input().offer(input.limit(Math.min(data.length, input.position() + count)));
            input.limit(data.length);
          }
        }
      }
    } catch (DataFormatException e) {
      return Inflated.badly(blocks);
    }
  }
}
