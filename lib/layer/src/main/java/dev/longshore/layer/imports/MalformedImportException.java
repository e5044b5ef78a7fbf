package dev.longshore.layer.imports;

/** A table of contents is not one, is not the one that was promised, or goes beyond a limit. */
public final class MalformedImportException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedImportException(String what, String expected, String found) {
    super("%s is malformed: expected %s, found %s".formatted(what, expected, found));
  }

  MalformedImportException(String what, String expected, Throwable cause) {
    super("%s is malformed: expected %s".formatted(what, expected), cause);
  }
}
