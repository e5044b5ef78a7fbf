package dev.longshore.agent.mirror;

import dev.longshore.oci.Digest;
import dev.longshore.oci.OciError;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.TagOrDigest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a request path asks for (OCI distribution-spec 1.1, "Endpoints"; the pulling ones). */
sealed interface MirrorPath {

  /** {@code /v2/}: is this a registry, and does it want credentials? */
  record Ping() implements MirrorPath {}

  /** A manifest by tag or digest. */
  record Manifest(String repository, TagOrDigest reference) implements MirrorPath {}

  /** A blob. */
  record Blob(String repository, Digest digest) implements MirrorPath {}

  /** The tags of a repository. */
  record Tags(String repository) implements MirrorPath {}

  /** What refers to a manifest. */
  record Referrers(String repository, Digest subject) implements MirrorPath {}

  /** How a blob came, or is coming, to this node: Longshore's own, beside the specification. */
  record Transfer(String repository, Digest digest) implements MirrorPath {}

  /** The layer index of a layer: Longshore's own too. */
  record LayerIndex(String repository, Digest layer) implements MirrorPath {}

  /** A path that is one of ours with a part that cannot be right; told in OCI's words. */
  record Invalid(OciError error, String message) implements MirrorPath {}

  /** Nothing a mirror serves. */
  record Unknown() implements MirrorPath {}

  /**
   * {@code /v2/<name>/<kind>/<last>}; the name may itself contain slashes, but no component that
   * begins with an underscore.
   */
  Pattern ROUTE =
      Pattern.compile(
          "/v2/(.+)/(manifests|blobs|referrers|tags|_longshore/transfers|_longshore/index)/([^/]+)");

  /** Reads a path that is still percent-encoded. */
  static MirrorPath parse(String encodedPath) {
    String path;
    try {
      path = new QueryStringDecoder(encodedPath).path();
    } catch (IllegalArgumentException e) {
      return new Unknown();
    }
    if (path.equals("/v2/") || path.equals("/v2")) {
      return new Ping();
    }
    Matcher route = ROUTE.matcher(path);
    if (!route.matches()) {
      return new Unknown();
    }
    String repository = route.group(1);
    String last = route.group(3);
    if (RepositoryName.tryParse(repository).isEmpty()) {
      return new Invalid(
          OciError.NAME_INVALID, "not a repository name: '" + abbreviate(repository) + "'");
    }
    return switch (route.group(2)) {
      case "manifests" -> manifest(repository, last);
      case "blobs" -> byDigest(last, digest -> new Blob(repository, digest));
      case "referrers" -> byDigest(last, digest -> new Referrers(repository, digest));
      case "_longshore/transfers" -> byDigest(last, digest -> new Transfer(repository, digest));
      case "_longshore/index" -> byDigest(last, layer -> new LayerIndex(repository, layer));
      default -> last.equals("list") ? new Tags(repository) : new Unknown();
    };
  }

  private static MirrorPath manifest(String repository, String text) {
    Optional<TagOrDigest> reference = TagOrDigest.tryParse(text);
    if (reference.isPresent()) {
      return new Manifest(repository, reference.get());
    }
    return text.contains(":")
        ? invalidDigest(text)
        : new Invalid(OciError.MANIFEST_UNKNOWN, "not a tag: '" + abbreviate(text) + "'");
  }

  private static MirrorPath byDigest(String text, Function<Digest, MirrorPath> path) {
    Optional<Digest> digest = Digest.tryParse(text);
    return digest.isPresent() ? path.apply(digest.get()) : invalidDigest(text);
  }

  private static Invalid invalidDigest(String text) {
    return new Invalid(
        OciError.DIGEST_INVALID,
        "not a digest: expected sha256:<64 hex> or sha512:<128 hex>, found '"
            + abbreviate(text)
            + "'");
  }

  private static String abbreviate(String text) {
    return text.length() <= 160 ? text : text.substring(0, 160) + "…";
  }
}
