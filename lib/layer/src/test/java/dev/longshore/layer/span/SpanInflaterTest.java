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
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "07", // a block of type 3
        "030000", // fixed codes, at once the end
        "4b4c0400", // three literals
        "0100000000", // stored, lengths differ
        "010000ffff", // stored and empty
        "010100feff61", // stored, one byte
        "63181801", // fixed, length symbol 286
        "637c", // fixed, distance symbol 30
        "fcff00", // too many symbols
        "04c00104000000000000000000", // an incomplete set of code lengths
        "0580010000000000", // no code lengths at all
        "05e0810800000000209ddeff" // one code word of a single bit
      })
  void run_handMadeData_isWhatZlibMakesOfThem(String hex) {
    byte[] data = HexFormat.of().parseHex(hex);

    assertThat(inflate(data, new Random(SEED))).isEqualTo(zlib.orElseThrow().inflate(data));
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
