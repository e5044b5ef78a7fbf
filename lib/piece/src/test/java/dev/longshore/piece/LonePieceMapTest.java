package dev.longshore.piece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class LonePieceMapTest {
  private static final byte[] BYTES = new byte[LonePieceMap.MAX_SIZE];

  @Test
  void of_smallBlob_isTheMapThatABuilderMakes() {
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(BYTES.length));
    builder.update(ByteBuffer.wrap(BYTES));
    PieceMap built = builder.finish(Digest.sha256(BYTES));
    assertThat(LonePieceMap.of(Digest.sha256(BYTES), BYTES.length))
        .hasValueSatisfying(lone -> assertThat(lone.map()).isEqualTo(built));
  }

  @Test
  void of_largerEmptyOrNonsense_isNone() {
    Digest digest = Digest.sha256(BYTES);
    assertThat(LonePieceMap.of(digest, LonePieceMap.MAX_SIZE + 1L)).isEmpty();
    assertThat(LonePieceMap.of(digest, 0)).isEmpty();
    assertThat(LonePieceMap.of(digest, -1)).isEmpty();
    assertThat(LonePieceMap.of(digest, Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void of_otherHashThanThatOfPieces_isNone() {
    Digest sha512 = Digest.of(Digest.Algorithm.SHA512, new byte[64]);
    assertThat(LonePieceMap.of(sha512, 100)).isEmpty();
  }

  @Test
  void new_mapThatTheDigestDoesNotVouchFor_isRefused() {
    Digest digest = Digest.sha256(BYTES);
    PieceMap other = new PieceMap(digest, PieceLayout.forSize(10), new byte[32]);
    assertThatThrownBy(() -> new LonePieceMap(other)).isInstanceOf(IllegalArgumentException.class);
  }
}
