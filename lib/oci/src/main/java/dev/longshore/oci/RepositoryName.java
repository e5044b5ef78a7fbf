package dev.longshore.oci;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a repository inside one registry, as in {@code library/alpine} (OCI
 * distribution-spec, "Pulling manifests").
 *
 * @param value lower-case path components separated by {@code /}, at most 255 characters
 */
public record RepositoryName(String value) implements Comparable<RepositoryName> {
  /** Longest name accepted, and longest {@code registry/name} that clients accept. */
  public static final int MAX_LENGTH = 255;

  // Possessive throughout: a hostile name of any length is refused in linear time.
  private static final Pattern GRAMMAR =
      Pattern.compile(
          "[a-z0-9]++(?:(?:\\.|__?|-++)[a-z0-9]++)*+"
              + "(?:/[a-z0-9]++(?:(?:\\.|__?|-++)[a-z0-9]++)*+)*+");

  /**
   * @throws IllegalArgumentException if the name breaks the grammar or the length limit
   */
  public RepositoryName {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "not a repository name: expected at most 255 characters of lower-case path components"
              + " such as team/app, found '"
              + Excerpt.of(value)
              + "'");
    }
  }

  /** The name, empty when it is not one. */
  public static Optional<RepositoryName> tryParse(String text) {
    return isValid(text) ? Optional.of(new RepositoryName(text)) : Optional.empty();
  }

  @Override
  public int compareTo(RepositoryName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }

  private static boolean isValid(String text) {
    return text.length() <= MAX_LENGTH && GRAMMAR.matcher(text).matches();
  }
}
