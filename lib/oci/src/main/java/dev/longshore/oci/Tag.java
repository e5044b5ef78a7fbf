package dev.longshore.oci;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A tag inside a repository, as in {@code v1.2}.
 *
 * @param value at most 128 characters of {@code [a-zA-Z0-9_][a-zA-Z0-9._-]*}
 */
public record Tag(String value) implements TagOrDigest, Comparable<Tag> {
  private static final Pattern GRAMMAR = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  /** The tag that a reference without tag and digest means. */
  public static final Tag LATEST = new Tag("latest");

  /**
   * @throws IllegalArgumentException if the tag breaks the grammar
   */
  public Tag {
    if (!GRAMMAR.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "not a tag: expected 1 to 128 letters, digits, '_', '.' or '-', not starting with '.'"
              + " or '-', found '"
              + Excerpt.of(value)
              + "'");
    }
  }

  /** The tag, empty when the text is not one. */
  public static Optional<Tag> tryParse(String text) {
    return GRAMMAR.matcher(text).matches() ? Optional.of(new Tag(text)) : Optional.empty();
  }

  @Override
  public int compareTo(Tag other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
