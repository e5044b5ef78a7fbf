package dev.longshore.origin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of a real origin in the middle of pushes: what was acknowledged is there. */
class CrashTest {
  private static final int PUSHERS = 4;
  private static final int ROUNDS = 2;
  private static final int PUSHES_A_ROUND = 40;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Tag to manifest, of pushes that were answered 201. */
  private final Map<String, String> acknowledged = new ConcurrentHashMap<>();

  @Test
  void kill_duringPushes_losesNothingAcknowledged(@TempDir Path data, @TempDir Path scratch)
      throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (OriginProcess origin = OriginProcess.start(data, scratch)) {
        checkEverything(origin.uri());
        killDuringPushes(origin, round);
      }
    }
    try (OriginProcess origin = OriginProcess.start(data, scratch)) {
      assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(ROUNDS * PUSHES_A_ROUND);
      checkEverything(origin.uri());
      resumeWhatIsUnfinished(origin.uri(), data);
    }
  }

  private void killDuringPushes(OriginProcess origin, int round) throws Exception {
    List<Thread> pushers = new ArrayList<>();
    for (int i = 0; i < PUSHERS; i++) {
      Random random = new Random(31L * round + i);
      String prefix = "r" + round + "-p" + i + "-";
      pushers.add(Thread.ofVirtual().start(() -> pushUntilItDies(origin.uri(), prefix, random)));
    }
    int wanted = (round + 1) * PUSHES_A_ROUND;
    await().atMost(Duration.ofMinutes(2)).until(() -> acknowledged.size() >= wanted);
    origin.kill();
    for (Thread pusher : pushers) {
      pusher.join();
    }
  }

  private void pushUntilItDies(URI origin, String prefix, Random random) {
    try {
      for (int i = 0; ; i++) {
        byte[] layer = new byte[1 + random.nextInt(300_000)];
        random.nextBytes(layer);
        byte[] config = ("{\"n\":\"" + prefix + i + "\"}").getBytes(UTF_8);
        if (push(origin, layer) != 201 || push(origin, config) != 201) {
          return;
        }
        String manifest = RegistryTestCase.manifest(config, layer, "");
        HttpResponse<byte[]> answer =
            send(
                HttpRequest.newBuilder(origin.resolve("/v2/crash/app/manifests/" + prefix + i))
                    .header("Content-Type", RegistryTestCase.MANIFEST)
                    .PUT(BodyPublishers.ofString(manifest)));
        if (answer.statusCode() == 201) {
          acknowledged.put(prefix + i, manifest);
        }
      }
    } catch (IOException e) {
      assertThat(e).as("the origin was killed").isNotNull();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int push(URI origin, byte[] content) throws IOException, InterruptedException {
    HttpResponse<byte[]> started =
        send(
            HttpRequest.newBuilder(origin.resolve("/v2/crash/app/blobs/uploads/"))
                .POST(BodyPublishers.noBody()));
    String location = RegistryTestCase.header(started, "location");
    send(
        HttpRequest.newBuilder(origin.resolve(location))
            .method("PATCH", BodyPublishers.ofByteArray(content)));
    return send(HttpRequest.newBuilder(
                origin.resolve(location + "?digest=" + Digest.sha256(content)))
            .PUT(BodyPublishers.noBody()))
        .statusCode();
  }

  private void checkEverything(URI origin) throws IOException, InterruptedException {
    for (Map.Entry<String, String> push : acknowledged.entrySet()) {
      String manifest = push.getValue();
      assertThat(get(origin, "/v2/crash/app/manifests/" + push.getKey()))
          .asString(UTF_8)
          .isEqualTo(manifest);
      for (String field : manifest.split("\"digest\":\"", -1)) {
        if (field.startsWith("sha256:")) {
          Digest digest = Digest.parse(field.substring(0, field.indexOf('"')));
          assertThat(Digest.sha256(get(origin, "/v2/crash/app/blobs/" + digest))).isEqualTo(digest);
        }
      }
    }
  }

  /** No object lies about that neither a blob nor an unfinished upload accounts for. */
  private void resumeWhatIsUnfinished(URI origin, Path data) throws Exception {
    byte[] content = "after the crash".getBytes(UTF_8);
    assertThat(push(origin, content)).isEqualTo(201);
    try (Stream<Path> files = Files.walk(data.resolve("objects"))) {
      long objects = files.filter(Files::isRegularFile).count();
      // At most one unfinished blob a pusher and round, and blobs of unacknowledged manifests.
      assertThat(objects)
          .isBetween(
              2L * acknowledged.size() + 1, 2L * acknowledged.size() + 1 + 2L * PUSHERS * ROUNDS);
    }
  }

  private byte[] get(URI origin, String target) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(origin.resolve(target)).GET()).body();
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }
}
