package dev.longshore.oci.client;

import dev.longshore.oci.json.BoundedJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads logins out of docker's config file, by the keys that docker and podman write. */
final class DockerConfigFile implements CredentialsSource {
  private static final int MAX_BYTES = 1 << 20;

  private final Path file;

  DockerConfigFile(Path file) {
    this.file = file;
  }

  @Override
  public Optional<Credentials> forRegistry(String registry) throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    JsonNode auths = BoundedJson.parseObject(bytes, MAX_BYTES, file.toString()).get("auths");
    if (auths == null || !auths.isObject()) {
      return Optional.empty();
    }
    for (String key : keys(registry)) {
      JsonNode entry = auths.get(key);
      if (entry != null && entry.isObject()) {
        Optional<Credentials> credentials = credentials(entry, key);
        if (credentials.isPresent()) {
          return credentials;
        }
      }
    }
    return Optional.empty();
  }

  private static List<String> keys(String registry) {
    // Docker Hub's login is kept under the address of its first API.
    return registry.equals("docker.io") || registry.equals("registry-1.docker.io")
        ? List.of("https://index.docker.io/v1/", "docker.io", "index.docker.io")
        : List.of(
            registry,
            "https://" + registry,
            "http://" + registry,
            "https://" + registry + "/v2/",
            "https://" + registry + "/v1/");
  }

  private Optional<Credentials> credentials(JsonNode entry, String key) throws IOException {
    String token = text(entry.get("registrytoken"));
    if (!token.isEmpty()) {
      return Optional.of(new Credentials.RegistryToken(token));
    }
    String auth = text(entry.get("auth"));
    if (!auth.isEmpty()) {
      return Optional.of(decode(auth, key));
    }
    String user = text(entry.get("username"));
    return user.isEmpty()
        ? Optional.empty()
        : Optional.of(new Credentials.UserPassword(user, text(entry.get("password"))));
  }

  private Credentials decode(String auth, String key) throws IOException {
    String pair;
    try {
      pair = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": auths." + key + ".auth is not base64; log in again", e);
    }
    int colon = pair.indexOf(':');
    if (colon < 0) {
      throw new IOException(
          file + ": auths." + key + ".auth: expected user:password inside; log in again");
    }
    // Some writers pad the pair with NUL bytes.
    String password = pair.substring(colon + 1).replace("\0", "");
    return new Credentials.UserPassword(pair.substring(0, colon), password);
  }

  private static String text(@Nullable JsonNode node) {
    return node != null && node.isString() ? node.stringValue() : "";
  }
}
