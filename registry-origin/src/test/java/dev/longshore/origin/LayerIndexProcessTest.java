package dev.longshore.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Indexing in a process of its own, with the flags that the launcher gives. */
class LayerIndexProcessTest {

  /** zlib is called through the FFM API and zstd through JNI: the JDK warns of both unless told. */
  @Test
  void index_ofAPushedLayer_isMadeWithoutWarnings(@TempDir Path data, @TempDir Path scratch)
      throws Exception {
    byte[] layer = TestLayers.gzip(TestLayers.tar(scratch, 2 << 20, 1));
    Digest digest = Digest.sha256(layer);
    try (OriginProcess origin = OriginProcess.start(data, scratch);
        HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<Void> started =
          client.send(
              HttpRequest.newBuilder(origin.uri().resolve("/v2/a/b/blobs/uploads/"))
                  .POST(BodyPublishers.noBody())
                  .build(),
              BodyHandlers.discarding());
      URI upload =
          origin.uri().resolve(RegistryTestCase.header(started, "location") + "?digest=" + digest);
      client.send(
          HttpRequest.newBuilder(upload).PUT(BodyPublishers.ofByteArray(layer)).build(),
          BodyHandlers.discarding());

      HttpResponse<byte[]> statement =
          client.send(
              HttpRequest.newBuilder(origin.uri().resolve("/v2/a/b/_longshore/index/" + digest))
                  .build(),
              BodyHandlers.ofByteArray());

      assertThat(statement.statusCode()).isEqualTo(200);
      assertThat(origin.log()).doesNotContain("WARNING");
    }
  }
}
