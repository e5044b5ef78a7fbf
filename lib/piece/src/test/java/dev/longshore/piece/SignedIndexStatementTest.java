package dev.longshore.piece;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SignedIndexStatementTest {
  private static final Digest LAYER = Digest.sha256("layer".getBytes(UTF_8));
  private static final Digest INDEX = Digest.sha256("index".getBytes(UTF_8));

  private final ClusterKey key = ClusterKey.generate();
  private final IndexStatement statement = new IndexStatement(LAYER, INDEX, 12_345);

  @Test
  void open_whatTheKeySigned_roundTrips() throws Exception {
    SignedIndexStatement signed = key.sign(statement);
    SignedIndexStatement opened = key.trusted().openStatement(signed.encode());
    assertThat(opened).isEqualTo(signed).hasSameHashCodeAs(signed);
    assertThat(opened.statement()).isEqualTo(statement);
  }

  @ParameterizedTest
  @EnumSource(Digest.Algorithm.class)
  void open_everyAlgorithm_roundTripsWithinTheBound(Digest.Algorithm algorithm) throws Exception {
    Digest digest = Digest.of(algorithm, algorithm.newHasher().digest());
    IndexStatement largest = new IndexStatement(digest, digest, IndexStatement.LARGEST_INDEX);
    byte[] encoded = key.sign(largest).encode();
    assertThat(encoded).hasSizeLessThanOrEqualTo(SignedIndexStatement.MAX_BYTES);
    assertThat(key.trusted().openStatement(encoded).statement()).isEqualTo(largest);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, IndexStatement.LARGEST_INDEX + 1, Long.MAX_VALUE})
  void size_outOfBounds_isRefused(long size) {
    assertThatThrownBy(() -> new IndexStatement(LAYER, INDEX, size))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Long.toString(size));
    byte[] encoded = statement.encode();
    ByteBuffer.wrap(encoded).putLong(encoded.length - Long.BYTES, size);
    assertThatThrownBy(() -> IndexStatement.decode(encoded))
        .isInstanceOf(MalformedStatementException.class);
  }

  @Test
  void open_signedByAStranger_isUntrusted() {
    byte[] encoded = ClusterKey.generate().sign(statement).encode();
    assertThatThrownBy(() -> key.trusted().openStatement(encoded))
        .isInstanceOf(UntrustedStatementException.class);
  }

  @Test
  void open_signedByAStrangerInTheKeysName_isUntrusted() {
    byte[] encoded = ClusterKey.generate().sign(statement).encode();
    System.arraycopy(key.sign(statement).encode(), 0, encoded, 0, SignedContent.KEY_ID_BYTES);
    assertThatThrownBy(() -> key.trusted().openStatement(encoded))
        .isInstanceOf(UntrustedStatementException.class);
  }

  @Test
  void open_pieceMapAsStatementOrTheOtherWay_isMalformed() {
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(1));
    builder.update(ByteBuffer.allocate(1));
    byte[] map = key.sign(builder.finish(LAYER)).encode();
    assertThatThrownBy(() -> key.trusted().openStatement(map))
        .isInstanceOf(MalformedStatementException.class);
    byte[] encoded = key.sign(statement).encode();
    assertThatThrownBy(() -> key.trusted().open(encoded))
        .isInstanceOf(MalformedPieceMapException.class);
  }

  @Test
  void open_anyBitFlipped_isRefused() {
    byte[] encoded = key.sign(statement).encode();
    for (int at = 0; at < encoded.length; at++) {
      byte[] bent = encoded.clone();
      bent[at] ^= 0x10;
      assertThatThrownBy(() -> key.trusted().openStatement(bent))
          .as("byte %d", at)
          .isInstanceOfAny(UntrustedStatementException.class, MalformedStatementException.class);
    }
  }

  @Test
  void open_cutOrExtended_isRefused() {
    byte[] encoded = key.sign(statement).encode();
    for (int length = 0; length <= encoded.length + 1; length++) {
      byte[] other = Arrays.copyOf(encoded, length);
      if (length != encoded.length) {
        assertThatThrownBy(() -> key.trusted().openStatement(other))
            .as("%d bytes", length)
            .isInstanceOfAny(UntrustedStatementException.class, MalformedStatementException.class);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void decode_randomBytes_neverThrowsAnythingElse(long seed) {
    Random random = new Random(seed);
    byte[] valid = statement.encode();
    for (int round = 0; round < 2_000; round++) {
      byte[] bytes = Arrays.copyOf(valid, random.nextInt(valid.length + 4));
      for (int flips = random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        assertThat(IndexStatement.decode(bytes).encode()).isEqualTo(bytes);
      } catch (MalformedStatementException expected) {
        assertThat(expected).hasMessageStartingWith("not a statement");
      }
    }
  }
}
