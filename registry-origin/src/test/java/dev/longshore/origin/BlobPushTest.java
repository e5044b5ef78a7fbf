package dev.longshore.origin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Distribution-spec, "Pushing blobs": monolithic, chunked, mounted. */
class BlobPushTest extends RegistryTestCase {
  private static final byte[] BLOB = random(100_000, 1);
  private static final Digest DIGEST = Digest.sha256(BLOB);
  private static final String START = "/v2/" + REPO + "/blobs/uploads/";

  @Test
  void post_startsAnUpload_withAUuidInItsLocation() throws Exception {
    HttpResponse<byte[]> started = post(START);
    assertThat(started.statusCode()).isEqualTo(202);
    assertThat(header(started, "location")).matches(START + "[0-9a-f]{8}(-[0-9a-f]{4}){3}-.{12}");
    assertThat(header(started, "range")).isEqualTo("0-0");
    assertThat(post("/v2/" + REPO + "/blobs/uploads").statusCode()).isEqualTo(202);
  }

  @Test
  void put_wholeBlob_isThere() throws Exception {
    HttpResponse<byte[]> pushed = send("PUT", startUpload(REPO) + "?digest=" + DIGEST, BLOB);
    assertThat(pushed.statusCode()).isEqualTo(201);
    assertThat(header(pushed, "docker-content-digest")).isEqualTo(DIGEST.toString());
    assertThat(get(header(pushed, "location")).body()).isEqualTo(BLOB);
  }

  @Test
  void post_withDigestAndBody_isPushedAtOnce() throws Exception {
    HttpResponse<byte[]> pushed = send("POST", START + "?digest=" + DIGEST, BLOB);
    assertThat(pushed.statusCode()).isEqualTo(201);
    assertThat(get(header(pushed, "location")).body()).isEqualTo(BLOB);
  }

  @Test
  void post_withDigestAndNoBody_startsAnUpload() throws Exception {
    HttpResponse<byte[]> started = post(START + "?digest=" + DIGEST);
    assertThat(started.statusCode()).isEqualTo(202);
    assertThat(send("PUT", header(started, "location") + "?digest=" + DIGEST, BLOB).statusCode())
        .isEqualTo(201);
  }

  @Test
  void put_sha512NotAnnounced_isAccepted() throws Exception {
    Digest digest = sha512(BLOB);
    HttpResponse<byte[]> pushed = send("PUT", startUpload(REPO) + "?digest=" + digest, BLOB);
    assertThat(pushed.statusCode()).isEqualTo(201);
    assertThat(header(pushed, "docker-content-digest")).isEqualTo(digest.toString());
    assertThat(get("/v2/" + REPO + "/blobs/" + digest).body()).isEqualTo(BLOB);
    assertThat(head("/v2/" + REPO + "/blobs/" + DIGEST).statusCode()).isEqualTo(404);
  }

  @Test
  void post_digestAlgorithmAnnounced_isAccepted() throws Exception {
    String location = header(post(START + "?digest-algorithm=sha512"), "location");
    assertThat(send("PUT", location + "?digest=" + sha512(BLOB), BLOB).statusCode()).isEqualTo(201);
    assertThat(post(START + "?digest-algorithm=md5").statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void patch_chunksInOrder_makeABlob(boolean withContentRange) throws Exception {
    String location = startUpload(REPO);
    int[] ends = {1, 1 << 16, BLOB.length};
    int from = 0;
    for (int end : ends) {
      byte[] chunk = Arrays.copyOfRange(BLOB, from, end);
      HttpResponse<byte[]> patched =
          withContentRange
              ? send("PATCH", location, chunk, "Content-Range", from + "-" + (end - 1))
              : send("PATCH", location, chunked(chunk));
      assertThat(patched.statusCode()).isEqualTo(202);
      assertThat(header(patched, "range")).isEqualTo("0-" + (end - 1));
      location = header(patched, "location");
      from = end;
    }
    assertThat(send("PUT", location + "?digest=" + DIGEST, BodyPublishers.noBody()).statusCode())
        .isEqualTo(201);
    assertThat(get("/v2/" + REPO + "/blobs/" + DIGEST).body()).isEqualTo(BLOB);
  }

  @Test
  void put_withLastChunk_makesABlob() throws Exception {
    String location = startUpload(REPO);
    send("PATCH", location, Arrays.copyOf(BLOB, 60_000));
    byte[] rest = Arrays.copyOfRange(BLOB, 60_000, BLOB.length);
    assertThat(
            send("PUT", location + "?digest=" + DIGEST, rest, "Content-Range", "60000-99999")
                .statusCode())
        .isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PATCH", "PUT"})
  void chunk_outOfOrder_is416AndTheSessionSurvives(String method) throws Exception {
    String location = startUpload(REPO);
    send("PATCH", location, Arrays.copyOf(BLOB, 100), "Content-Range", "0-99");
    String target = location + (method.equals("PUT") ? "?digest=" + DIGEST : "");
    for (String range : new String[] {"0-99", "99-198", "101-200"}) {
      HttpResponse<byte[]> refused =
          send(method, target, Arrays.copyOf(BLOB, 100), "Content-Range", range);
      assertThat(refused.statusCode()).as(range).isEqualTo(416);
      assertThat(header(refused, "range")).isEqualTo("0-99");
      assertThat(header(refused, "location")).isEqualTo(location);
      assertThat(text(refused)).contains("BLOB_UPLOAD_INVALID");
    }
    byte[] rest = Arrays.copyOfRange(BLOB, 100, BLOB.length);
    assertThat(
            send("PUT", location + "?digest=" + DIGEST, rest, "Content-Range", "100-99999")
                .statusCode())
        .isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes 0-99/100", "0-99/100", "99-0", "x-y", "0", "-5", "0-98"})
  void patch_malformedContentRange_is400AndTakesNothing(String range) throws Exception {
    String location = startUpload(REPO);
    assertThat(send("PATCH", location, new byte[100], "Content-Range", range).statusCode())
        .isEqualTo(400);
    assertThat(header(get(location), "range")).isEqualTo("0-0");
  }

  @Test
  void patch_chunkedBodyNotAsLongAsItsRange_is400AndTakesNothing() throws Exception {
    String location = startUpload(REPO);
    HttpResponse<byte[]> refused =
        send("PATCH", location, chunked(new byte[50]), "Content-Range", "0-99");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(text(refused)).contains("SIZE_INVALID");
    assertThat(send("PUT", location + "?digest=" + DIGEST, BLOB).statusCode()).isEqualTo(201);
  }

  @Test
  void get_ofAnUpload_is204WithItsRange() throws Exception {
    String location = startUpload(REPO);
    assertThat(get(location).statusCode()).isEqualTo(204);
    assertThat(header(get(location), "range")).isEqualTo("0-0");
    send("PATCH", location, new byte[10]);
    HttpResponse<byte[]> status = get(location + "?digest=" + DIGEST);
    assertThat(status.statusCode()).isEqualTo(204);
    assertThat(header(status, "range")).isEqualTo("0-9");
    assertThat(header(status, "location")).isEqualTo(location);
  }

  @Test
  void delete_ofAnUpload_is204AndItIsGone() throws Exception {
    String location = startUpload(REPO);
    send("PATCH", location, new byte[10]);
    assertThat(delete(location).statusCode()).isEqualTo(204);
    for (String method : new String[] {"GET", "PATCH", "DELETE"}) {
      HttpResponse<byte[]> gone = send(method, location, new byte[0]);
      assertThat(gone.statusCode()).as(method).isEqualTo(404);
      assertThat(text(gone)).as(method).contains("BLOB_UPLOAD_UNKNOWN");
    }
  }

  @Test
  void upload_ofAnotherRepository_isUnknown() throws Exception {
    String location = startUpload(REPO).replace(REPO, "conformance/other");
    assertThat(get(location).statusCode()).isEqualTo(404);
    assertThat(send("PUT", location + "?digest=" + DIGEST, BLOB).statusCode()).isEqualTo(404);
  }

  @Test
  void put_wrongDigest_is400AndTheSessionSurvives() throws Exception {
    String location = startUpload(REPO);
    for (Digest wrong : new Digest[] {NOWHERE, sha512(new byte[1])}) {
      HttpResponse<byte[]> refused = send("PUT", location + "?digest=" + wrong, BLOB);
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(text(refused)).contains("DIGEST_INVALID");
      assertThat(head("/v2/" + REPO + "/blobs/" + wrong).statusCode()).isEqualTo(404);
    }
    assertThat(send("PUT", location + "?digest=" + DIGEST, BLOB).statusCode()).isEqualTo(201);
  }

  @Test
  void post_wrongDigest_is400() throws Exception {
    HttpResponse<byte[]> refused = send("POST", START + "?digest=" + NOWHERE, BLOB);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(text(refused)).contains("DIGEST_INVALID");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"sha256:baddigeststring", "md5:0123", "", "sha256:", "sha256:../../../etc/passwd"})
  void malformedDigest_isRefusedEverywhere(String malformed) throws Exception {
    String query = "?digest=" + malformed;
    assertThat(send("PUT", startUpload(REPO) + query, BLOB).statusCode()).isEqualTo(400);
    assertThat(send("POST", START + query, BLOB).statusCode()).isEqualTo(400);
    assertThat(get("/v2/" + REPO + "/blobs/" + malformed).statusCode()).isIn(400, 404);
  }

  @Test
  void put_withoutDigest_is400() throws Exception {
    assertThat(send("PUT", startUpload(REPO), BLOB).statusCode()).isEqualTo(400);
  }

  @Test
  void emptyBlob_pushAndPull_work() throws Exception {
    Digest empty = Digest.sha256(new byte[0]);
    assertThat(
            send("PUT", startUpload(REPO) + "?digest=" + empty, BodyPublishers.noBody())
                .statusCode())
        .isEqualTo(201);
    HttpResponse<byte[]> pulled = get("/v2/" + REPO + "/blobs/" + empty);
    assertThat(pulled.statusCode()).isEqualTo(200);
    assertThat(header(pulled, "content-length")).isEqualTo("0");
    assertThat(get("/v2/" + REPO + "/_longshore/pieces/" + empty).statusCode()).isEqualTo(200);
  }

  @Test
  void mount_hit_is201AndMissIs202() throws Exception {
    pushBlob(REPO, BLOB);
    String other = "/v2/conformance/other/blobs/uploads/";
    HttpResponse<byte[]> hit = post(other + "?mount=" + DIGEST + "&from=" + REPO);
    assertThat(hit.statusCode()).isEqualTo(201);
    assertThat(get(header(hit, "location")).body()).isEqualTo(BLOB);
    for (String miss :
        new String[] {
          "?mount=" + NOWHERE + "&from=" + REPO,
          "?mount=" + DIGEST + "&from=conformance/none",
          "?mount=" + DIGEST + "&from=../..",
          "?mount=" + DIGEST
        }) {
      HttpResponse<byte[]> started = post("/v2/conformance/third/blobs/uploads/" + miss);
      assertThat(started.statusCode()).as(miss).isEqualTo(202);
      assertThat(send("PUT", header(started, "location") + "?digest=" + DIGEST, BLOB).statusCode())
          .isEqualTo(201);
    }
  }

  @Test
  void upload_afterARestart_goesOn() throws Exception {
    String location = startUpload(REPO);
    send("PATCH", location, Arrays.copyOf(BLOB, 60_000));
    restart();
    assertThat(header(get(location), "range")).isEqualTo("0-59999");
    byte[] rest = Arrays.copyOfRange(BLOB, 60_000, BLOB.length);
    assertThat(
            send("PUT", location + "?digest=" + DIGEST, rest, "Content-Range", "60000-99999")
                .statusCode())
        .isEqualTo(201);
    restart();
    assertThat(get("/v2/" + REPO + "/blobs/" + DIGEST).body()).isEqualTo(BLOB);
  }

  @Test
  void pushAgain_afterDelete_isServedAgain() throws Exception {
    pushBlob(REPO, BLOB);
    assertThat(get("/v2/" + REPO + "/blobs/" + DIGEST).body()).isEqualTo(BLOB);
    assertThat(delete("/v2/" + REPO + "/blobs/" + DIGEST).statusCode()).isEqualTo(202);
    assertThat(get("/v2/" + REPO + "/blobs/" + DIGEST).statusCode()).isEqualTo(404);
    pushBlob(REPO, BLOB);
    assertThat(get("/v2/" + REPO + "/blobs/" + DIGEST).body()).isEqualTo(BLOB);
  }

  @Test
  void upload_wrongMethod_is405() throws Exception {
    assertThat(get(START).statusCode()).isEqualTo(405);
    HttpResponse<byte[]> refused = send("POST", startUpload(REPO), "x".getBytes(UTF_8));
    assertThat(refused.statusCode()).isEqualTo(405);
    assertThat(header(refused, "allow")).contains("PATCH");
  }
}
