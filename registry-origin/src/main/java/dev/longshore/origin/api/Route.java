package dev.longshore.origin.api;

import dev.longshore.oci.Digest;
import dev.longshore.oci.OciError;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.TagOrDigest;
import dev.longshore.origin.registry.RegistryException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * What a path asks for. A repository name may hold any of the words of the API, so the last
 * segments decide and what stands before them is the name.
 */
sealed interface Route {

  /** For metrics: bounded, whatever clients ask. */
  String word();

  record Front() implements Route {
    @Override
    public String word() {
      return "front";
    }
  }

  record Ping() implements Route {
    @Override
    public String word() {
      return "ping";
    }
  }

  record Catalog() implements Route {
    @Override
    public String word() {
      return "catalog";
    }
  }

  record ManifestRoute(String repository, TagOrDigest reference) implements Route {
    @Override
    public String word() {
      return "manifest";
    }
  }

  record BlobRoute(String repository, Digest digest) implements Route {
    @Override
    public String word() {
      return "blob";
    }
  }

  record UploadStart(String repository) implements Route {
    @Override
    public String word() {
      return "upload-start";
    }
  }

  record Upload(String repository, String id) implements Route {
    @Override
    public String word() {
      return "upload";
    }
  }

  record Tags(String repository) implements Route {
    @Override
    public String word() {
      return "tags";
    }
  }

  record Referrers(String repository, Digest subject) implements Route {
    @Override
    public String word() {
      return "referrers";
    }
  }

  record Pieces(String repository, Digest digest) implements Route {
    @Override
    public String word() {
      return "pieces";
    }
  }

  record LayerIndexRoute(String repository, Digest layer) implements Route {
    @Override
    public String word() {
      return "layer-index";
    }
  }

  /** Nothing of ours, or something of ours that is not well-formed. */
  record Refused(RegistryException reason) implements Route {
    @Override
    public String word() {
      return "refused";
    }
  }

  /** Finds out what a path, still percent-encoded, asks for. */
  static Route of(String encodedPath) {
    try {
      String path = decoded(encodedPath);
      return switch (path) {
        case "/" -> new Front();
        case "/v2", "/v2/" -> new Ping();
        case "/v2/_catalog" -> new Catalog();
        default -> inRepository(path);
      };
    } catch (RegistryException e) {
      return new Refused(e);
    }
  }

  private static String decoded(String path) throws RegistryException {
    if (path.indexOf('%') < 0) {
      return path;
    }
    try {
      // A plus sign stands for itself in a path.
      return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new RegistryException(OciError.NAME_INVALID, "the path is not percent-encoded UTF-8");
    }
  }

  private static Route inRepository(String path) throws RegistryException {
    if (!path.startsWith("/v2/")) {
      throw nothingHere();
    }
    int lastSlash = path.lastIndexOf('/');
    String last = path.substring(lastSlash + 1);
    int kindSlash = path.lastIndexOf('/', lastSlash - 1);
    String kind = path.substring(kindSlash + 1, lastSlash);
    switch (kind) {
      case "manifests" -> {
        return new ManifestRoute(name(path, kindSlash), reference(last));
      }
      case "blobs" -> {
        return last.equals("uploads")
            ? new UploadStart(name(path, kindSlash))
            : new BlobRoute(name(path, kindSlash), digest(last));
      }
      case "referrers" -> {
        return new Referrers(name(path, kindSlash), digest(last));
      }
      case "tags" -> {
        if (last.equals("list")) {
          return new Tags(name(path, kindSlash));
        }
      }
      case "uploads" -> {
        if (endsWith(path, "/blobs", kindSlash)) {
          String repository = name(path, kindSlash - "/blobs".length());
          return last.isEmpty() ? new UploadStart(repository) : new Upload(repository, last);
        }
      }
      case "pieces" -> {
        if (endsWith(path, "/_longshore", kindSlash)) {
          return new Pieces(name(path, kindSlash - "/_longshore".length()), digest(last));
        }
      }
      case "index" -> {
        if (endsWith(path, "/_longshore", kindSlash)) {
          return new LayerIndexRoute(name(path, kindSlash - "/_longshore".length()), digest(last));
        }
      }
      default -> {}
    }
    throw nothingHere();
  }

  private static boolean endsWith(String path, String segment, int end) {
    return end >= segment.length() && path.startsWith(segment, end - segment.length());
  }

  private static String name(String path, int end) throws RegistryException {
    int start = "/v2/".length();
    String name = end > start ? path.substring(start, end) : "";
    return RepositoryName.tryParse(name)
        .orElseThrow(() ->
            new RegistryException(
                OciError.NAME_INVALID,
                "a repository name is up to 255 characters of lower-case path components such"
                    + " as team/app"))
        .value();
  }

  private static TagOrDigest reference(String text) throws RegistryException {
    return TagOrDigest.tryParse(text)
        .orElseThrow(() ->
            text.indexOf(':') >= 0
                ? malformedDigest()
                : new RegistryException(
                    OciError.MANIFEST_INVALID,
                    "a tag is 1 to 128 letters, digits, '_', '.' or '-', and starts with none"
                        + " of the last two"));
  }

  private static Digest digest(String text) throws RegistryException {
    return Digest.tryParse(text).orElseThrow(Route::malformedDigest);
  }

  static RegistryException malformedDigest() {
    return new RegistryException(
        OciError.DIGEST_INVALID,
        "a digest is sha256: with 64 or sha512: with 128 lower-case hex digits");
  }

  private static RegistryException nothingHere() {
    return new RegistryException(
        OciError.UNSUPPORTED, 404, "there is nothing here; the registry API is at /v2/");
  }
}
