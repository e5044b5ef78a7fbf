package dev.longshore.origin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.oci.Digest;
import dev.longshore.service.unit.DataSize;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that lie, break off or look for a way out of the registry; and a full disk. */
class HostileInputTest extends RegistryTestCase {
  private static final byte[] BLOB = random(300_000, 4);
  private static final Digest DIGEST = Digest.sha256(BLOB);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/../../etc/passwd/manifests/v1",
        "/v2/%2e%2e/%2e%2e/etc/manifests/v1",
        "/v2/a/../b/manifests/v1",
        "/v2/a%2f..%2fb/tags/list",
        "/v2//manifests/v1",
        "/v2/manifests/v1",
        "/v2/UPPER/tags/list",
        "/v2/a%00b/tags/list",
        "/v2/a b/tags/list",
        "/v2/a%zz/tags/list",
        "/v2/-a/tags/list",
        "/v2/a./tags/list",
        "/v2/a/manifests/../../x",
        "/v2/a/manifests/.hidden",
        "/v2/a/blobs/sha256:..%2f..%2fetc",
        "/v2/a/blobs/uploads/..%2f..%2fx",
        "/v2/a/blobs/uploads/not-a-session",
        "/v2/a/unknown/thing",
        "/v1/",
        "/v2x/",
        "/metrics"
      })
  void path_thatIsNotOurs_isRefused(String path) throws Exception {
    assertThat(rawStatus("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .isIn(400, 404);
  }

  @Test
  void name_tooLong_isRefusedQuickly() throws Exception {
    HttpResponse<byte[]> refused = get("/v2/" + "a-".repeat(5000) + "/tags/list");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(text(refused)).contains("NAME_INVALID");
  }

  @Test
  void name_ofApiWords_isARepository() throws Exception {
    String name = "blobs/uploads/manifests/tags/list/referrers";
    pushManifest(name, "list", imageManifest(name, "one"));
    assertThat(get("/v2/" + name + "/manifests/list").statusCode()).isEqualTo(200);
    assertThat(text(get("/v2/" + name + "/tags/list"))).contains("[\"list\"]");
  }

  @Test
  void put_brokenOff_leavesTheUploadAsItWas() throws Exception {
    String location = startUpload(REPO);
    send("PATCH", location, Arrays.copyOf(BLOB, 100_000));

    sendAndHangUp(
        "PUT " + location + "?digest=" + DIGEST,
        200_000,
        Arrays.copyOfRange(BLOB, 100_000, 150_000));

    await().until(() -> header(get(location), "range").equals("0-99999"));
    byte[] rest = Arrays.copyOfRange(BLOB, 100_000, BLOB.length);
    assertThat(
            send("PUT", location + "?digest=" + DIGEST, rest, "Content-Range", "100000-299999")
                .statusCode())
        .isEqualTo(201);
  }

  @Test
  void patch_brokenOff_canBeContinuedWhereItStopped() throws Exception {
    String location = startUpload(REPO);

    sendAndHangUp("PATCH " + location, 300_000, Arrays.copyOf(BLOB, 150_000));

    await().until(() -> header(get(location), "range").equals("0-149999"));
    byte[] rest = Arrays.copyOfRange(BLOB, 150_000, BLOB.length);
    assertThat(send("PATCH", location, rest, "Content-Range", "150000-299999").statusCode())
        .isEqualTo(202);
    assertThat(send("PUT", location + "?digest=" + DIGEST, new byte[0]).statusCode())
        .isEqualTo(201);
    assertThat(get("/v2/" + REPO + "/blobs/" + DIGEST).body()).isEqualTo(BLOB);
  }

  @Test
  void post_wholeBlobBrokenOff_leavesNothing() throws Exception {
    sendAndHangUp(
        "POST /v2/" + REPO + "/blobs/uploads/?digest=" + DIGEST, 300_000, Arrays.copyOf(BLOB, 9));
    await().until(() -> objects() == 0);
    assertThat(head("/v2/" + REPO + "/blobs/" + DIGEST).statusCode()).isEqualTo(404);
  }

  @Test
  void diskFull_uploadIsRefusedClearlyAndWhatIsStoredIsServed() throws Exception {
    pushBlob(REPO, BLOB);
    pushManifest(REPO, "v1", imageManifest(REPO, "one"));
    origin.close();
    origin = Origin.start(config().withReserve(DataSize.ofBytes(Long.MAX_VALUE)));

    HttpResponse<byte[]> refused =
        send("POST", "/v2/" + REPO + "/blobs/uploads/?digest=" + NOWHERE, BLOB);
    assertThat(refused.statusCode()).isEqualTo(507);
    assertThat(text(refused)).contains("INSUFFICIENT_STORAGE").contains("is full");
    assertThat(get("/v2/" + REPO + "/blobs/" + DIGEST).body()).isEqualTo(BLOB);
    assertThat(get("/v2/" + REPO + "/manifests/v1").statusCode()).isEqualTo(200);
    assertThat(delete("/v2/" + REPO + "/blobs/" + DIGEST).statusCode()).isEqualTo(202);
  }

  private long objects() throws Exception {
    try (Stream<Path> files = Files.walk(data.resolve("objects"))) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  private void sendAndHangUp(String target, int announced, byte[] body) throws Exception {
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(
          (target + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + announced + "\r\n\r\n")
              .getBytes(US_ASCII));
      out.write(body);
      out.flush();
      socket.shutdownOutput();
      // Until the server gave up as well: it has then read all that came.
      socket.getInputStream().readAllBytes();
    }
  }

  private int rawStatus(String request) throws Exception {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), US_ASCII);
      return Integer.parseInt(answer.substring(9, 12));
    }
  }

  private Socket connect() throws Exception {
    return new Socket(InetAddress.getByName(origin.address().host()), origin.address().port());
  }
}
