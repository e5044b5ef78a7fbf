package dev.longshore.swarm.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.longshore.oci.client.Credentials;
import dev.longshore.oci.client.CredentialsSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server that wants a login and remembers who came. */
class RegistriesTest {
  private static final String NAME = "registry.example";

  private final List<String> agents = new CopyOnWriteArrayList<>();
  private final List<String> logins = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private URI url;

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v2/",
        exchange -> {
          String login = exchange.getRequestHeaders().getFirst("Authorization");
          agents.add(exchange.getRequestHeaders().getFirst("User-Agent"));
          if (login == null) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"r\"");
          } else {
            logins.add(login);
          }
          exchange.sendResponseHeaders(login == null ? 401 : 200, -1);
          exchange.close();
        });
    server.start();
    url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
  }

  @Test
  void client_configuredName_isReachedAtItsUrlWithItsOwnLogin() throws Exception {
    CredentialsSource credentials =
        name ->
            name.equals(NAME)
                ? Optional.of(new Credentials.UserPassword("me", "secret"))
                : Optional.empty();
    try (Registries registries = new Registries(Map.of(NAME, url), credentials, "tester/1")) {
      registries.client(NAME).ping();
    }
    assertThat(agents).containsOnly("tester/1");
    assertThat(logins)
        .containsExactly(new Credentials.UserPassword("me", "secret").authorization());
  }

  @Test
  void client_unknownName_isReachedAtTheAddressThatItNames() throws Exception {
    try (Registries registries = registries(Map.of(NAME, URI.create("http://127.0.0.1:1")))) {
      assertThat(registries.client(url.getAuthority()).endpoint()).isEqualTo(url);
      assertThat(registries.client("docker.io").endpoint().getScheme()).isEqualTo("https");
    }
  }

  @Test
  void client_askedTwice_isTheSame() {
    try (Registries registries = registries(Map.of(NAME, url))) {
      assertThat(registries.client(NAME)).isSameAs(registries.client(NAME));
      assertThat(registries.client("other.example")).isSameAs(registries.client("other.example"));
    }
  }

  @Test
  void only_oneConfigured_isThatOne() {
    try (Registries one = registries(Map.of(NAME, url));
        Registries none = registries(Map.of());
        Registries two = registries(Map.of(NAME, url, "b.example", url))) {
      assertThat(one.only()).contains(NAME);
      assertThat(none.only()).isEmpty();
      assertThat(two.only()).isEmpty();
      var _ = none.client(NAME); // one that was merely used is not one that is configured
      assertThat(none.only()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"r", "docker.io", "registry.example:5000", "10.0.0.1:5", "[::1]:5000"})
  void isName_hostAndPort_isOne(String name) {
    assertThat(Registries.isName(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "..", "../x", "a/b", "-a", "a:", "a:123456", "a b", "[::1", "a\n", "ä"})
  void isName_whatCouldLeaveAFolder_isNone(String name) {
    assertThat(Registries.isName(name)).isFalse();
    assertThatThrownBy(() -> registries(Map.of(name, url)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--upstream NAME=URL")
        .hasMessageContaining("found '" + name + "'");
  }

  @Test
  void new_urlThatNoClientCanUse_isRefusedAtOnce() {
    assertThatThrownBy(() -> registries(Map.of(NAME, URI.create("ftp://registry.example"))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Registries registries(Map<String, URI> configured) {
    return new Registries(configured, CredentialsSource.anonymous(), "tester/1");
  }
}
