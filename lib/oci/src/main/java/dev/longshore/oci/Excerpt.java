package dev.longshore.oci;

/** Shortens foreign text so that it can stand in an error message. */
final class Excerpt {
  private static final int LIMIT = 160;

  private Excerpt() {}

  /** The text, cut at 160 characters, control characters replaced. */
  static String of(String text) {
    String cut = text.length() <= LIMIT ? text : text.substring(0, LIMIT) + "…";
    return cut.replaceAll("\\p{Cntrl}", "?");
  }
}
