package dev.longshore.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.SignedPieceMap;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Distribution-spec, "Pulling blobs", and the piece maps beside them. */
class BlobPullTest extends RegistryTestCase {

  /** Larger than what is answered from memory, so that sendfile is on the way. */
  private static final byte[] LARGE = random(700_001, 2);

  private static final byte[] SMALL = random(1000, 3);

  private String large = "";
  private String small = "";

  @BeforeEach
  void pushBlobs() throws Exception {
    large = "/v2/" + REPO + "/blobs/" + pushBlob(REPO, LARGE);
    small = "/v2/" + REPO + "/blobs/" + pushBlob(REPO, SMALL);
  }

  @Test
  void get_twice_isTheSameFromFileAndFromMemory() throws Exception {
    for (int i = 0; i < 2; i++) {
      HttpResponse<byte[]> pulled = get(small);
      assertThat(pulled.statusCode()).isEqualTo(200);
      assertThat(pulled.body()).isEqualTo(SMALL);
      assertThat(header(pulled, "docker-content-digest"))
          .isEqualTo(Digest.sha256(SMALL).toString());
      assertThat(get(large).body()).isEqualTo(LARGE);
    }
  }

  @Test
  void head_exactLength_andNoBody() throws Exception {
    for (int i = 0; i < 2; i++) {
      HttpResponse<byte[]> head = head(large);
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(header(head, "content-length")).isEqualTo("700001");
      assertThat(header(head, "docker-content-digest")).isEqualTo(Digest.sha256(LARGE).toString());
      assertThat(head.body()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 0, 1",
    "bytes=0-99, 0, 100",
    "bytes=100-, 100, 699901",
    "bytes=-1, 700000, 1",
    "bytes=-700001, 0, 700001",
    "bytes=-999999999, 0, 700001",
    "bytes=700000-, 700000, 1",
    "bytes=600000-99999999999, 600000, 100001"
  })
  void range_satisfiable_is206(String range, int offset, int length) throws Exception {
    HttpResponse<byte[]> part = get(large, "Range", range);
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(header(part, "content-length")).isEqualTo(Integer.toString(length));
    assertThat(header(part, "content-range"))
        .isEqualTo("bytes %d-%d/700001".formatted(offset, offset + length - 1));
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(LARGE, offset, offset + length));
  }

  @Test
  void range_ofASmallBlobInMemory_is206() throws Exception {
    get(small);
    HttpResponse<byte[]> part = get(small, "Range", "bytes=10-19");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(SMALL, 10, 20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=500-0", "bytes=700001-", "bytes=700001-700002", "bytes=-0"})
  void range_unsatisfiable_is416(String range) throws Exception {
    HttpResponse<byte[]> refused = get(large, "Range", range);
    assertThat(refused.statusCode()).isEqualTo(416);
    assertThat(header(refused, "content-range")).isEqualTo("bytes */700001");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=0-1,5-6",
        "bytes=-",
        "bytes=x-y",
        "lines=0-1",
        "bytes=0-99999999999999999999999999",
        "bytes=0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1"
      })
  void range_severalOrNotUnderstood_isIgnored(String range) throws Exception {
    HttpResponse<byte[]> whole = get(large, "Range", range);
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body()).hasSize(LARGE.length);
  }

  @Test
  void ifRangeAndIfNoneMatch_followTheDigest() throws Exception {
    String etag = '"' + Digest.sha256(LARGE).toString() + '"';
    assertThat(get(large, "Range", "bytes=0-9", "If-Range", etag).statusCode()).isEqualTo(206);
    assertThat(get(large, "Range", "bytes=0-9", "If-Range", "\"other\"").statusCode())
        .isEqualTo(200);
    assertThat(get(large, "If-None-Match", etag).statusCode()).isEqualTo(304);
    assertThat(get(large, "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
  }

  @Test
  void unknownBlob_is404() throws Exception {
    HttpResponse<byte[]> missing = get("/v2/" + REPO + "/blobs/" + NOWHERE);
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(text(missing)).contains("BLOB_UNKNOWN");
    assertThat(head("/v2/conformance/other/blobs/" + Digest.sha256(LARGE)).statusCode())
        .isEqualTo(404);
  }

  @Test
  void delete_is202AndTheBlobIsGoneAtOnce() throws Exception {
    get(small);
    assertThat(delete(small).statusCode()).isEqualTo(202);
    assertThat(head(small).statusCode()).isEqualTo(404);
    assertThat(get(small).statusCode()).isEqualTo(404);
    assertThat(delete(small).statusCode()).isEqualTo(404);
  }

  @Test
  void pieceMap_ofABlob_isSignedAndFits() throws Exception {
    String target = "/v2/" + REPO + "/_longshore/pieces/" + Digest.sha256(LARGE);
    HttpResponse<byte[]> response = get(target);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(header(response, "content-type")).isEqualTo("application/vnd.longshore.piecemap.v1");
    assertThat(header(response, "cache-control")).contains("immutable");
    SignedPieceMap signed = origin.trustedKeys().open(response.body());
    PieceMap map = signed.map();
    assertThat(map.digest()).isEqualTo(Digest.sha256(LARGE));
    assertThat(map.layout()).isEqualTo(PieceLayout.forSize(LARGE.length));
    for (int piece = 0; piece < map.layout().count(); piece++) {
      ByteBuffer bytes =
          ByteBuffer.wrap(LARGE, (int) map.layout().offset(piece), map.layout().length(piece));
      var hasher = PieceMap.newHasher();
      hasher.update(bytes);
      assertThat(map.matches(piece, hasher.digest())).isTrue();
    }
    assertThat(get(target, "If-None-Match", header(response, "etag")).statusCode()).isEqualTo(304);
    restart();
    assertThat(get(target).body()).isEqualTo(response.body());
  }

  @Test
  void pieceMap_ofABlobOfAnotherRepository_is404() throws Exception {
    get("/v2/" + REPO + "/_longshore/pieces/" + Digest.sha256(LARGE));
    assertThat(get("/v2/a/b/_longshore/pieces/" + Digest.sha256(LARGE)).statusCode())
        .isEqualTo(404);
  }
}
