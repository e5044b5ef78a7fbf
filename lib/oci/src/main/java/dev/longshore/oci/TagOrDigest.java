package dev.longshore.oci;

import java.util.Optional;

/** What stands behind {@code /v2/<name>/manifests/}: a tag or a digest. */
public sealed interface TagOrDigest permits Tag, Digest {

  /** Parses a path segment, empty when it is neither; a tag never contains {@code :}. */
  static Optional<TagOrDigest> tryParse(String text) {
    return text.indexOf(':') >= 0
        ? Digest.tryParse(text).map(digest -> digest)
        : Tag.tryParse(text).map(tag -> tag);
  }
}
