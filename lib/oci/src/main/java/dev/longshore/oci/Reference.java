package dev.longshore.oci;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image as people write it, {@code [registry/]name[:tag][@digest]}, with Docker's
 * defaults filled in.
 *
 * <p>The grammar is that of the distribution project's {@code reference} package, which containerd
 * and Docker share: the first component is a registry when it holds a {@code .} or a {@code :}, is
 * {@code localhost}, or has an upper-case letter; without one the registry is {@code docker.io},
 * and a single-component name there stands under {@code library/}.
 *
 * @param registry {@code host[:port]}, never empty
 * @param repository the repository inside that registry
 * @param tag the tag, null when the reference has none
 * @param digest the digest, null when the reference has none; it wins over the tag
 */
public record Reference(
    String registry, RepositoryName repository, @Nullable Tag tag, @Nullable Digest digest) {
  /** The registry of a reference that names none. */
  public static final String DEFAULT_REGISTRY = "docker.io";

  private static final String LEGACY_DEFAULT_REGISTRY = "index.docker.io";
  private static final String OFFICIAL_PREFIX = "library/";

  // name (255) + ':' + tag (128) + '@' + sha512 digest (135): anything longer is refused unread.
  private static final int MAX_TEXT = RepositoryName.MAX_LENGTH + 1 + 128 + 1 + 135;

  private static final Pattern REGISTRY =
      Pattern.compile(
          "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
              + "(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*+"
              + "|\\[[a-fA-F0-9:]+])(?::[0-9]{1,5})?");

  /**
   * @throws IllegalArgumentException if the registry is malformed or the name is too long
   */
  public Reference {
    if (registry.length() > RepositoryName.MAX_LENGTH
        || !REGISTRY.matcher(registry).matches()
        || !portInRange(registry)) {
      throw new IllegalArgumentException(
          "not a registry: expected host or host:port, found '" + Excerpt.of(registry) + "'");
    }
    if (registry.length() + 1 + repository.value().length() > RepositoryName.MAX_LENGTH) {
      throw new IllegalArgumentException(
          "registry and repository together are longer than 255 characters: '"
              + Excerpt.of(registry + "/" + repository)
              + "'");
    }
  }

  /**
   * Parses a reference as a person writes it.
   *
   * @throws IllegalArgumentException if it breaks the grammar; the message says where
   */
  public static Reference parse(String text) {
    if (text.length() > MAX_TEXT) {
      throw new IllegalArgumentException(
          "not an image reference: longer than " + MAX_TEXT + " characters");
    }
    try {
      return parseParts(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "not an image reference: '" + Excerpt.of(text) + "': " + e.getMessage(), e);
    }
  }

  /** As {@link #parse}, empty when it breaks the grammar. */
  public static Optional<Reference> tryParse(String text) {
    try {
      return Optional.of(parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Reference parseParts(String text) {
    String rest = text;
    Digest digest = null;
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Digest.parse(rest.substring(at + 1));
      rest = rest.substring(0, at);
    }
    Tag tag = null;
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = new Tag(rest.substring(colon + 1));
      rest = rest.substring(0, colon);
    }
    int slash = rest.indexOf('/');
    if (slash < 0 || !looksLikeRegistry(rest.substring(0, slash))) {
      return new Reference(DEFAULT_REGISTRY, official(rest), tag, digest);
    }
    String registry = rest.substring(0, slash);
    String path = rest.substring(slash + 1);
    if (registry.equals(LEGACY_DEFAULT_REGISTRY) || registry.equals(DEFAULT_REGISTRY)) {
      return new Reference(DEFAULT_REGISTRY, official(path), tag, digest);
    }
    return new Reference(registry, new RepositoryName(path), tag, digest);
  }

  private static RepositoryName official(String path) {
    return new RepositoryName(path.indexOf('/') < 0 ? OFFICIAL_PREFIX + path : path);
  }

  private static boolean looksLikeRegistry(String component) {
    return component.indexOf('.') >= 0
        || component.indexOf(':') >= 0
        || component.equals("localhost")
        || component.chars().anyMatch(c -> c >= 'A' && c <= 'Z');
  }

  private static boolean portInRange(String registry) {
    int colon = registry.lastIndexOf(':');
    if (colon < 0 || registry.endsWith("]")) {
      return true;
    }
    int port = Integer.parseInt(registry, colon + 1, registry.length(), 10);
    return port >= 1 && port <= 65_535;
  }

  /** What to ask the registry for: the digest, else the tag, else {@code latest}. */
  public TagOrDigest target() {
    if (digest != null) {
      return digest;
    }
    return tag != null ? tag : Tag.LATEST;
  }

  /** The same repository at this digest, the tag dropped. */
  public Reference at(Digest newDigest) {
    return new Reference(registry, repository, null, newDigest);
  }

  /** The canonical form with every default written out, as containerd stores it. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(registry).append('/').append(repository);
    if (tag != null || digest == null) {
      text.append(':').append(tag != null ? tag : Tag.LATEST);
    }
    if (digest != null) {
      text.append('@').append(digest);
    }
    return text.toString();
  }
}
