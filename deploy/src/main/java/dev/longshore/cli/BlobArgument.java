package dev.longshore.cli;

import dev.longshore.oci.Digest;
import dev.longshore.oci.Reference;
import dev.longshore.oci.RepositoryName;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A blob as the command line names it.
 *
 * @param registry its name in references
 * @param repository one that has the blob
 * @param plainHttp whether it was named by a URL without TLS
 */
record BlobArgument(String registry, RepositoryName repository, Digest digest, boolean plainHttp) {
  private static final Pattern BLOB_URL =
      Pattern.compile("(https?)://([^/?#@]+)/v2/(.+)/blobs/([^/?#]+)(\\?[^#]*)?");

  private static final String FORMS =
      "expected REPOSITORY@sha256:…, REPOSITORY --digest sha256:…, or a blob's URL at a registry"
          + " (http://host/v2/name/blobs/sha256:…)";

  /**
   * Reads it.
   *
   * @param text a reference, a bare digest or a URL
   * @param given by {@code --digest}
   * @param from the repository that {@code --from} gives
   * @throws IllegalArgumentException with what was expected, if it is none of them
   */
  static BlobArgument parse(String text, @Nullable Digest given, @Nullable Reference from) {
    Optional<Digest> bare = Digest.tryParse(text);
    if (bare.isPresent()) {
      if (from == null) {
        throw new IllegalArgumentException(
            "of which repository is "
                + text
                + "? Rights are a repository's: name one that has it, by --from REPOSITORY or as"
                + " REPOSITORY@"
                + text);
      }
      return new BlobArgument(from.registry(), from.repository(), agreed(bare.get(), given), false);
    }
    if (from != null) {
      throw new IllegalArgumentException("--from goes with a bare digest; " + FORMS);
    }
    return text.contains("://") ? ofUrl(text, given) : ofReference(text, given);
  }

  private static BlobArgument ofUrl(String text, @Nullable Digest given) {
    Matcher url = BLOB_URL.matcher(text);
    if (!url.matches()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is not a blob's URL at a registry. The swarm moves what registries hold, by"
              + " digest, because nobody could check anything else; "
              + FORMS);
    }
    // As a reference it goes through the checks of names, and gets none of their defaults.
    String authority = URI.create(text).getRawAuthority();
    return new BlobArgument(
        new Reference(authority, new RepositoryName(url.group(3)), null, null).registry(),
        new RepositoryName(url.group(3)),
        agreed(Digest.parse(url.group(4)), given),
        url.group(1).equals("http"));
  }

  private static BlobArgument ofReference(String text, @Nullable Digest given) {
    Reference reference = Reference.parse(text);
    Digest named = reference.digest() == null ? given : agreed(reference.digest(), given);
    if (named == null) {
      throw new IllegalArgumentException(
          "which blob of " + reference.registry() + "/" + reference.repository() + "? " + FORMS);
    }
    return new BlobArgument(reference.registry(), reference.repository(), named, false);
  }

  private static Digest agreed(Digest named, @Nullable Digest given) {
    if (given != null && !given.equals(named)) {
      throw new IllegalArgumentException("--digest " + given + " is not that of " + named);
    }
    return named;
  }

  @Override
  public String toString() {
    return registry + "/" + repository + "@" + digest;
  }
}
