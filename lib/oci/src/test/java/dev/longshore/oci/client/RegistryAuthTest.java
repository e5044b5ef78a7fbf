package dev.longshore.oci.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RegistryAuthTest {
  private static final RepositoryName APP = new RepositoryName("team/app");
  private static final byte[] BLOB = "blob".getBytes(UTF_8);
  private static final Credentials LOGIN = new Credentials.UserPassword("ann", "pa:ss");

  private FakeRegistry registry;

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
    registry.putBlob(APP, BLOB);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private void demandToken() {
    registry.requiredAuthorization = "Bearer t0k3n";
    registry.challenge =
        "Bearer realm=\"" + registry.uri() + "/token\",service=\"reg\",scope=\"repository:x:pull\"";
  }

  private RegistryClient client(CredentialsSource credentials) {
    return RegistryClient.builder(registry.uri())
        .credentials(credentials)
        .retries(new RetryPolicy(2, Duration.ofMillis(1), Duration.ofMillis(2)))
        .build();
  }

  @Test
  void bearer_challenged_fetchesOneTokenForTheScopeAndKeepsIt() throws Exception {
    demandToken();
    try (RegistryClient client = client(registry -> Optional.of(LOGIN))) {
      client.headBlob(APP, Digest.sha256(BLOB));
      client.headBlob(APP, Digest.sha256(BLOB));
      client.pushBlob(APP, Digest.sha256(BLOB), BlobSource.ofBytes(BLOB), sent -> {});
    }
    List<FakeRegistry.Seen> tokens =
        registry.seen.stream().filter(seen -> seen.path().equals("/token")).toList();
    assertThat(tokens).hasSize(2);
    assertThat(tokens.getFirst().query())
        .contains("service=reg", "scope=repository%3Ateam%2Fapp%3Apull", "account=ann");
    assertThat(tokens.getFirst().header("Authorization")).contains(LOGIN.authorization());
    assertThat(tokens.getLast().query()).contains("scope=repository%3Ateam%2Fapp%3Apull%2Cpush");
    // Only the very first request had to be challenged.
    assertThat(registry.seen.stream().filter(seen -> seen.header("Authorization").isEmpty()))
        .hasSize(1);
  }

  @Test
  void bearer_anonymous_asksForATokenWithoutPassword() throws Exception {
    demandToken();
    try (RegistryClient client = client(CredentialsSource.anonymous())) {
      assertThat(client.headBlob(APP, Digest.sha256(BLOB))).hasValue(4);
    }
    assertThat(registry.seen.get(1).path()).isEqualTo("/token");
    assertThat(registry.seen.get(1).header("Authorization")).isEmpty();
  }

  @Test
  void authorization_challengeThatSomebodyElseGot_isAnsweredForHim() throws Exception {
    demandToken();
    try (RegistryClient client = client(registry -> Optional.of(LOGIN))) {
      assertThat(client.authorization(APP, List.of(registry.challenge))).contains("Bearer t0k3n");
      assertThat(client.authorization(APP, List.of("Basic realm=\"x\"")))
          .contains(LOGIN.authorization());
      assertThat(client.authorization(APP, List.of())).isEmpty();
    }
    try (RegistryClient client = client(CredentialsSource.anonymous())) {
      assertThat(client.authorization(APP, List.of("Basic realm=\"x\""))).isEmpty();
    }
  }

  @Test
  void bearer_tokenRevoked_isReplacedOnce() throws Exception {
    demandToken();
    try (RegistryClient client = client(registry -> Optional.of(LOGIN))) {
      client.ping();
      registry.requiredAuthorization = "Bearer second";
      registry.tokenAnswer = "{\"access_token\":\"second\"}";
      client.ping();
      registry.requiredAuthorization = "Bearer never";
      assertThatThrownBy(client::ping)
          .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.isDenied()).isTrue());
    }
  }

  @Test
  void bearer_badTokenAnswers_areReported() throws Exception {
    demandToken();
    for (String answer : List.of("{}", "[]", "{\"token\":\"a\\r\\nX: y\"}", "{\"token\":7}")) {
      registry.tokenAnswer = answer;
      try (RegistryClient client = client(CredentialsSource.anonymous())) {
        assertThatThrownBy(client::ping).as(answer).isInstanceOf(IOException.class);
      }
    }
    registry.challenge = "Bearer realm=\"ftp://example.invalid/token\"";
    try (RegistryClient client = client(CredentialsSource.anonymous())) {
      assertThatThrownBy(client::ping).hasMessageContaining("no usable token endpoint");
    }
  }

  @Test
  void bearer_realmInTheClearOnTheNetwork_getsNoPasswordOfATlsRegistry() {
    ClientSettings settings =
        new ClientSettings(
            java.net.URI.create("https://registry.example"),
            CredentialsSource.anonymous(),
            RetryPolicy.NONE,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            "test",
            null,
            null,
            0);
    try (HttpSender sender = new HttpSender(settings)) {
      TokenFetcher fetcher =
          new TokenFetcher(
              sender,
              new Backoff(RetryPolicy.NONE),
              Origin.of(settings.endpoint()),
              InstantSource.system());
      Challenge challenge = new Challenge("bearer", Map.of("realm", "http://token.example/token"));
      assertThatThrownBy(() -> fetcher.fetch(challenge, List.of(), Optional.of(LOGIN)))
          .hasMessageContaining("refusing to send the password");
    }
  }

  @Test
  void basic_challenged_sendsThePassword() throws Exception {
    registry.requiredAuthorization = LOGIN.authorization();
    registry.challenge = "Basic realm=\"r\"";
    try (RegistryClient client = client(registry -> Optional.of(LOGIN))) {
      client.ping();
      client.ping();
    }
    assertThat(registry.seen).hasSize(3);
    assertThat(LOGIN.toString()).doesNotContain("pa:ss");
  }

  @Test
  void basic_wrongPassword_failsWithAdvice() throws Exception {
    registry.requiredAuthorization = "Basic other";
    registry.challenge = "Basic realm=\"r\"";
    try (RegistryClient client = client(registry -> Optional.of(LOGIN))) {
      assertThatThrownBy(client::ping)
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("check the user and password");
    }
  }

  @Test
  void passThrough_refused_handsTheChallengeBackVerbatim() throws Exception {
    demandToken();
    try (RegistryClient client = client(registry -> Optional.of(LOGIN))) {
      assertThatThrownBy(() -> client.withAuthorization(null).fetchManifest(APP, new Tag("v1")))
          .isInstanceOfSatisfying(
              RegistryException.class, e -> assertThat(e.challenge()).contains(registry.challenge));
      RegistryClient view = client.withAuthorization("Bearer t0k3n");
      assertThat(view.headBlob(APP, Digest.sha256(BLOB))).hasValue(4);
      view.close();
      client.ping();
    }
    assertThat(registry.seen.get(0).header("Authorization")).isEmpty();
    assertThat(registry.seen.get(1).header("Authorization")).contains("Bearer t0k3n");
  }

  @Test
  void redirect_toAnotherOrigin_isFollowedWithoutAuthorization() throws Exception {
    demandToken();
    try (FakeRegistry storage = new FakeRegistry();
        RegistryClient client = client(registry -> Optional.of(LOGIN))) {
      storage.putBlob(APP, BLOB);
      client.ping();
      registry.failOnce(
          "GET",
          "/blobs/",
          307,
          "Location",
          storage.uri() + "/v2/team/app/blobs/" + Digest.sha256(BLOB) + "?sig=s3cr3t");
      assertThat(client.openBlob(APP, Digest.sha256(BLOB), 4).readAllBytes()).isEqualTo(BLOB);
      assertThat(storage.seen).hasSize(1);
      assertThat(storage.seen.getFirst().header("Authorization")).isEmpty();
      assertThat(registry.seen.getLast().header("Authorization")).contains("Bearer t0k3n");
    }
  }

  @Test
  void redirect_backHomeAfterAnotherOrigin_isAuthorizedAgainOnlyAtHome() throws Exception {
    demandToken();
    try (FakeRegistry storage = new FakeRegistry();
        RegistryClient client = client(registry -> Optional.of(LOGIN))) {
      String path = "/v2/team/app/blobs/" + Digest.sha256(BLOB);
      client.ping();
      registry.failOnce("GET", "/blobs/", 302, "Location", storage.uri() + path);
      storage.failOnce("GET", "/blobs/", 302, "Location", registry.uri() + path);
      assertThat(client.openBlob(APP, Digest.sha256(BLOB), 4).readAllBytes()).isEqualTo(BLOB);
      assertThat(storage.seen.getFirst().header("Authorization")).isEmpty();
    }
  }

  @Test
  void redirect_401OfAnotherOrigin_isNotAnsweredWithATokenDance() throws Exception {
    try (FakeRegistry storage = new FakeRegistry();
        RegistryClient client = client(registry -> Optional.of(LOGIN))) {
      storage.requiredAuthorization = "x";
      storage.challenge = "Basic realm=\"give me\"";
      registry.failOnce(
          "GET", "/blobs/", 307, "Location", storage.uri() + "/steal?X-Signature=s3cr3t");
      assertThatThrownBy(() -> client.openBlob(APP, Digest.sha256(BLOB), 4))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("X-Signature=***")
          .hasMessageNotContaining("s3cr3t");
      assertThat(storage.seen).hasSize(1);
    }
  }

  @Test
  void redirect_endless_isGivenUp() throws Exception {
    try (RegistryClient client = client(CredentialsSource.anonymous())) {
      for (int i = 0; i < 10; i++) {
        registry.failOnce("GET", "/v2/", 302, "Location", "/v2/");
      }
      assertThatThrownBy(client::ping).hasMessageContaining("more than 5 redirects");
      registry.failOnce("GET", "/tags/", 302, "Location", "file:///etc/passwd");
    }
    assertThat(registry.seen).hasSize(6);
  }

  @Test
  void tokenStore_expiredToken_isFetchedAgain() throws Exception {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    AtomicInteger fetches = new AtomicInteger();
    TokenStore store =
        new TokenStore(
            (challenge, scopes, credentials) ->
                new BearerToken("t" + fetches.incrementAndGet(), now.get().plusSeconds(60)),
            now::get);
    Challenge challenge = new Challenge("bearer", Map.of("realm", "r"));
    List<String> scopes = List.of("s");
    assertThat(store.header(challenge, scopes, Optional.empty(), null)).isEqualTo("Bearer t1");
    now.set(Instant.EPOCH.plusSeconds(49));
    assertThat(store.header(challenge, scopes, Optional.empty(), null)).isEqualTo("Bearer t1");
    now.set(Instant.EPOCH.plusSeconds(50));
    assertThat(store.header(challenge, scopes, Optional.empty(), null)).isEqualTo("Bearer t2");
    // Somebody else's credentials never share a token.
    assertThat(store.header(challenge, scopes, Optional.of(LOGIN), null)).isEqualTo("Bearer t3");
  }

  @Test
  void challenge_severalInOneHeader_areToldApart() {
    List<Challenge> challenges =
        Challenge.parse(
            List.of(
                "Basic realm=\"a, b\", Bearer realm=\"https://x/\\\"t\\\"\",service=s, Negotiate"));
    assertThat(challenges)
        .extracting(Challenge::scheme)
        .containsExactly("basic", "bearer", "negotiate");
    assertThat(challenges.get(0).parameter("realm")).isEqualTo("a, b");
    assertThat(challenges.get(1).parameters())
        .containsEntry("realm", "https://x/\"t\"")
        .containsEntry("service", "s");
    assertThat(Challenge.parse(List.of("", "=", "\"", "Bearer realm=\"open", ",,,")))
        .extracting(Challenge::scheme)
        .containsExactly("bearer");
  }

  @Test
  void dockerConfig_loginsOfEveryForm_areFound(@TempDir Path dir) throws Exception {
    Path file = dir.resolve("config.json");
    Files.writeString(
        file,
        """
        {"auths":{
          "https://index.docker.io/v1/":{"auth":"aHViOnNlY3JldA=="},
          "127.0.0.1:5000":{"username":"ann","password":"x"},
          "token.example":{"registrytoken":"rt"},
          "broken.example":{"auth":"%%%"},
          "empty.example":{}},
         "credsStore":"ignored"}
        """);
    CredentialsSource source = CredentialsSource.dockerConfig(file);
    assertThat(source.forRegistry("docker.io"))
        .contains(new Credentials.UserPassword("hub", "secret"));
    assertThat(source.forRegistry("registry-1.docker.io")).isPresent();
    assertThat(source.forRegistry("127.0.0.1:5000"))
        .contains(new Credentials.UserPassword("ann", "x"));
    assertThat(source.forRegistry("token.example")).contains(new Credentials.RegistryToken("rt"));
    assertThat(source.forRegistry("empty.example")).isEmpty();
    assertThat(source.forRegistry("other.example")).isEmpty();
    assertThatThrownBy(() -> source.forRegistry("broken.example"))
        .hasMessageContaining("not base64");
    assertThat(CredentialsSource.dockerConfig(dir.resolve("none.json")).forRegistry("docker.io"))
        .isEmpty();
  }
}
