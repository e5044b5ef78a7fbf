package dev.longshore.bench.path;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.service.net.RateLimit;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PathMemberTest {
  private static final HostAndPort ANY = new HostAndPort("127.0.0.1", 0);

  private static PathMember start(Path data, boolean holds) throws Exception {
    return PathMember.start(
        new PathMemberConfig(
            ANY,
            ANY,
            ANY,
            Optional.of(data),
            TransportChoice.AUTO,
            RateLimit.UNLIMITED,
            Optional.of(new DataSize((3 << 20) + 5)),
            holds),
        new SimpleMeterRegistry());
  }

  private static HttpResponse<String> order(PathMember member, String order) throws Exception {
    URI address = URI.create("http://" + member.addresses().get("control") + order);
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(address).POST(HttpRequest.BodyPublishers.noBody()).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void pull_twiceWithDropBetween_comesFromTheHolderEachTime(@TempDir Path folder) throws Exception {
    try (PathMember holder = start(folder.resolve("holder"), true);
        PathMember puller = start(folder.resolve("puller"), false)) {
      String pull = "/pull?from=" + holder.addresses().get("peer");

      assertThat(order(puller, pull).body()).contains("3145733");
      assertThat(order(puller, "/drop").statusCode()).isEqualTo(200);
      assertThat(order(puller, pull).body()).contains("3145733");
    }
  }

  @Test
  void order_unknown_fails(@TempDir Path folder) throws Exception {
    try (PathMember member = start(folder, false)) {
      assertThat(order(member, "/jump").statusCode()).isEqualTo(500);
    }
  }
}
