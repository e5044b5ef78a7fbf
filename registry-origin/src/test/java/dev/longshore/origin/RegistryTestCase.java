package dev.longshore.origin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An origin in this process and a client that says exactly what goes over the wire. */
abstract class RegistryTestCase {
  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String INDEX = "application/vnd.oci.image.index.v1+json";
  static final String REPO = "conformance/app";
  static final Digest NOWHERE = Digest.sha256("nowhere".getBytes(UTF_8));

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir Path data;
  Origin origin;

  OriginConfig config() {
    return OriginConfig.inDirectory(data);
  }

  @BeforeEach
  void startOrigin() throws Exception {
    origin = Origin.start(config());
  }

  @AfterEach
  void stopOrigin() throws Exception {
    origin.close();
  }

  void restart() throws Exception {
    origin.close();
    origin = Origin.start(config());
  }

  URI uri(String target) {
    return URI.create("http://" + origin.address()).resolve(target);
  }

  /** Sends a request; headers are name, value, name, value. */
  HttpResponse<byte[]> send(String method, String target, BodyPublisher body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(target)).method(method, body);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
  }

  HttpResponse<byte[]> send(String method, String target, byte[] body, String... headers)
      throws IOException, InterruptedException {
    return send(method, target, BodyPublishers.ofByteArray(body), headers);
  }

  HttpResponse<byte[]> get(String target, String... headers)
      throws IOException, InterruptedException {
    return send("GET", target, BodyPublishers.noBody(), headers);
  }

  HttpResponse<byte[]> head(String target, String... headers)
      throws IOException, InterruptedException {
    return send("HEAD", target, BodyPublishers.noBody(), headers);
  }

  HttpResponse<byte[]> delete(String target) throws IOException, InterruptedException {
    return send("DELETE", target, BodyPublishers.noBody());
  }

  HttpResponse<byte[]> post(String target) throws IOException, InterruptedException {
    return send("POST", target, BodyPublishers.noBody());
  }

  /** A body of unknown length. */
  static BodyPublisher chunked(byte[] body) {
    return BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body));
  }

  /** Starts an upload and returns its location. */
  String startUpload(String repository) throws IOException, InterruptedException {
    HttpResponse<byte[]> started = post("/v2/" + repository + "/blobs/uploads/");
    assertThat(started.statusCode()).isEqualTo(202);
    return header(started, "location");
  }

  Digest pushBlob(String repository, byte[] content) throws IOException, InterruptedException {
    Digest digest = Digest.sha256(content);
    HttpResponse<byte[]> pushed =
        send("PUT", startUpload(repository) + "?digest=" + digest, content);
    assertThat(pushed.statusCode()).isEqualTo(201);
    return digest;
  }

  HttpResponse<byte[]> pushManifest(String repository, String reference, String json)
      throws IOException, InterruptedException {
    return send(
        "PUT",
        "/v2/" + repository + "/manifests/" + reference,
        json.getBytes(UTF_8),
        "Content-Type",
        json.contains("\"manifests\"") ? INDEX : MANIFEST);
  }

  /** Pushes the blobs of a small image and returns its manifest. */
  String imageManifest(String repository, String seed) throws IOException, InterruptedException {
    byte[] config = ("{\"seed\":\"" + seed + "\"}").getBytes(UTF_8);
    byte[] layer = ("layer of " + seed).getBytes(UTF_8);
    pushBlob(repository, config);
    pushBlob(repository, layer);
    return manifest(config, layer, "");
  }

  /** An image manifest; {@code more} is appended to its fields. */
  static String manifest(byte[] config, byte[] layer, String more) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]%s}"
        .formatted(
            MANIFEST,
            descriptor("application/vnd.oci.image.config.v1+json", config),
            descriptor("application/vnd.oci.image.layer.v1.tar", layer),
            more);
  }

  static String index(List<String> manifests, String more) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]%s}"
        .formatted(
            INDEX,
            String.join(
                ",", manifests.stream().map(m -> descriptor(MANIFEST, m.getBytes(UTF_8))).toList()),
            more);
  }

  static String descriptor(String mediaType, byte[] content) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(mediaType, Digest.sha256(content), content.length);
  }

  static Digest digest(String text) {
    return Digest.sha256(text.getBytes(UTF_8));
  }

  static Digest sha512(byte[] content) {
    Digest.Algorithm algorithm = Digest.Algorithm.SHA512;
    return Digest.of(algorithm, algorithm.newHasher().digest(content));
  }

  static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }
}
