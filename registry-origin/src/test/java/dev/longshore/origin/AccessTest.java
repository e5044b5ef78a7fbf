package dev.longshore.origin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.service.StartFailedException;
import dev.longshore.service.unit.HostAndPort;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Who may use an origin, and what it says about that. */
class AccessTest extends RegistryTestCase {
  private final List<String> announced = new ArrayList<>();

  private void restartWith(OriginConfig config) throws Exception {
    origin.close();
    announced.clear();
    origin = Origin.start(config, new SimpleMeterRegistry(), announced::add);
  }

  private String password() {
    Matcher matcher =
        Pattern.compile("admin with password (\\S+)").matcher(String.join("\n", announced));
    return matcher.find() ? matcher.group(1) : "";
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
  }

  @Test
  void start_onLoopback_allowsAnonymousAndSaysSo() throws Exception {
    restartWith(config());
    assertThat(announced).anyMatch(line -> line.contains("without an account"));
    assertThat(password()).isEmpty();
    assertThat(get("/v2/").statusCode()).isEqualTo(200);
    assertThat(get("/v2/", "Authorization", "Bearer whatever").statusCode()).isEqualTo(200);
    assertThat(get("/v2/", "Authorization", basic("nobody", "x")).statusCode()).isEqualTo(401);
  }

  @Test
  void start_anonymousNone_demandsTheAdminItPrintsOnce() throws Exception {
    OriginConfig config = config().withAnonymous(OriginConfig.Anonymous.NONE);
    restartWith(config);
    String password = password();
    assertThat(password).hasSizeGreaterThanOrEqualTo(20);

    for (String target : List.of("/v2/", "/v2/a/manifests/v1", "/v2/a/blobs/" + NOWHERE)) {
      HttpResponse<byte[]> refused = get(target);
      assertThat(refused.statusCode()).as(target).isEqualTo(401);
      assertThat(header(refused, "www-authenticate")).isEqualTo("Basic realm=\"longshore\"");
      assertThat(text(refused)).contains("UNAUTHORIZED");
    }
    for (String wrong :
        List.of(
            basic("admin", "wrong"),
            basic("root", password),
            "Basic !!!",
            "Basic",
            "Basic " + Base64.getEncoder().encodeToString("nocolon".getBytes(UTF_8)),
            "Bearer " + password)) {
      assertThat(get("/v2/", "Authorization", wrong).statusCode()).as(wrong).isEqualTo(401);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(get("/v2/", "Authorization", basic("admin", password)).statusCode())
          .isEqualTo(200);
    }
    assertThat(get("/").statusCode()).isEqualTo(200);

    restartWith(config);
    assertThat(password()).isEmpty();
    assertThat(get("/v2/", "Authorization", basic("admin", password)).statusCode()).isEqualTo(200);
  }

  @Test
  void start_notLoopback_demandsAnAccount() throws Exception {
    restartWith(config().withListen(new HostAndPort("0.0.0.0", 0)));
    assertThat(password()).isNotEmpty();
    assertThat(origin.address().port()).isPositive();
  }

  @Test
  void start_dataInUse_isRefused() {
    assertThatThrownBy(() -> Origin.start(config()))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("another origin");
  }
}
