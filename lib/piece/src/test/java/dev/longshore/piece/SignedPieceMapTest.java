package dev.longshore.piece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SignedPieceMapTest {
  private final ClusterKey key = ClusterKey.generate();

  @Test
  void build_inOddSlices_hashesEveryPiece() {
    byte[] blob = randomBytes(3 * PieceLayout.MIN_PIECE_SIZE + 17);
    PieceMap map = mapOf(blob);
    assertThat(map.layout().count()).isEqualTo(4);
    for (int piece = 0; piece < 4; piece++) {
      var hasher = PieceMap.newHasher();
      hasher.update(blob, Math.toIntExact(map.layout().offset(piece)), map.layout().length(piece));
      assertThat(map.matches(piece, hasher.digest())).isTrue();
      assertThat(map.matches(piece, new byte[PieceMap.HASH_BYTES])).isFalse();
    }
  }

  @Test
  void build_tooFewOrTooManyBytes_isRefused() {
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(10));
    builder.update(ByteBuffer.allocate(9));
    assertThatThrownBy(() -> builder.finish(Digest.sha256(new byte[9])))
        .isInstanceOf(IllegalStateException.class);
    builder.update(ByteBuffer.allocate(1));
    assertThatThrownBy(() -> builder.update(ByteBuffer.allocate(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void open_whatTheKeySigned_roundTrips() throws Exception {
    SignedPieceMap signed = key.sign(mapOf(randomBytes(300_000)));
    SignedPieceMap opened = key.trusted().open(signed.encode());
    assertThat(opened).isEqualTo(signed);
    assertThat(opened.map()).isEqualTo(signed.map());
  }

  @Test
  void open_emptyBlob_roundTrips() throws Exception {
    SignedPieceMap signed = key.sign(mapOf(new byte[0]));
    assertThat(key.trusted().open(signed.encode()).map().layout().count()).isZero();
  }

  @Test
  void open_signedByAStranger_isUntrusted() {
    SignedPieceMap signed = ClusterKey.generate().sign(mapOf(randomBytes(10)));
    assertThatThrownBy(() -> key.trusted().open(signed.encode()))
        .isInstanceOf(UntrustedPieceMapException.class);
  }

  @Test
  void open_anyBitFlipped_isRefused() {
    byte[] encoded = key.sign(mapOf(randomBytes(300_000))).encode();
    for (int at = 0; at < encoded.length; at++) {
      byte[] bent = encoded.clone();
      bent[at] ^= 0x10;
      assertThatThrownBy(() -> key.trusted().open(bent))
          .as("byte %d", at)
          .isInstanceOfAny(UntrustedPieceMapException.class, MalformedPieceMapException.class);
    }
  }

  @Test
  void open_cutAnywhere_isRefused() {
    byte[] encoded = key.sign(mapOf(randomBytes(300_000))).encode();
    for (int length = 0; length < encoded.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(encoded, length);
      assertThatThrownBy(() -> key.trusted().open(cut))
          .as("%d bytes", length)
          .isInstanceOfAny(UntrustedPieceMapException.class, MalformedPieceMapException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void decode_randomBytes_neverThrowsAnythingElse(long seed) {
    Random random = new Random(seed);
    byte[] valid = mapOf(randomBytes(300_000)).encode();
    for (int round = 0; round < 2_000; round++) {
      byte[] bytes = valid.clone();
      for (int flips = random.nextInt(6); flips >= 0; flips--) {
        bytes[random.nextInt(56)] = (byte) random.nextInt();
      }
      try {
        PieceMap.decode(bytes);
      } catch (MalformedPieceMapException expected) {
        assertThat(expected).hasMessageStartingWith("not a piece map");
      }
    }
  }

  @Test
  void clusterKey_createdOnce_isReadBackAndPublicHalfVerifies(@TempDir Path dir) throws Exception {
    Path file = dir.resolve("sub/cluster.key");
    ClusterKey first = ClusterKey.loadOrCreate(file);
    ClusterKey again = ClusterKey.loadOrCreate(file);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    TrustedKeys agents = TrustedKeys.load(dir.resolve("sub/cluster.key.pub"));
    SignedPieceMap signed = again.sign(mapOf(randomBytes(10)));
    assertThat(agents.open(signed.encode())).isEqualTo(signed);
    assertThat(first.trusted().open(signed.encode())).isEqualTo(signed);
  }

  @Test
  void load_notAKey_saysWhatWasExpected(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("key"), "hello");
    assertThatThrownBy(() -> ClusterKey.load(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("PRIVATE KEY");
    assertThatThrownBy(() -> TrustedKeys.load(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("PUBLIC KEY");
  }

  private static PieceMap mapOf(byte[] blob) {
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(blob.length));
    for (int at = 0; at < blob.length; at += 100_003) {
      builder.update(ByteBuffer.wrap(blob, at, Math.min(100_003, blob.length - at)));
    }
    return builder.finish(Digest.sha256(blob));
  }

  private static byte[] randomBytes(int length) {
    byte[] bytes = new byte[length];
    new Random(42).nextBytes(bytes);
    return bytes;
  }
}
