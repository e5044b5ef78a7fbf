package dev.longshore.lazy.snapshot;

import dev.longshore.lazy.snapshot.SnapshotFilter.Selector;
import dev.longshore.lazy.snapshot.SnapshotFilter.Test;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Parses one filter of containerd's language. Used once. */
final class FilterParser {

  /*
   * selectors := selector ("," selector)*
   * selector  := path (operator value)?
   * path      := field ("." field)*
   * field     := "quoted" | [A-Za-z0-9_]+
   * operator  := "==" | "!=" | "~="
   * value     := "quoted" | [^\s,]+ ; after ~= also /quoted/ and |quoted|
   *
   * Space is allowed before a field, an operator and a value, and nowhere else, as there.
   */

  private static final String REGEX_QUOTES = "\"/|";
  private static final int MAX_LENGTH = 64 << 10;

  private final String input;
  private int position;

  FilterParser(String input) {
    this.input = input;
  }

  List<Selector> parse() throws SnapshotException {
    if (input.length() > MAX_LENGTH || input.indexOf('\0') >= 0) {
      throw SnapshotException.invalidArgument(
          "a filter has at most " + MAX_LENGTH + " characters, none of them null");
    }
    List<Selector> selectors = new ArrayList<>();
    selectors.add(selector());
    while (position < input.length()) {
      expect(input.charAt(position) == ',', "a comma or the end");
      position++;
      selectors.add(selector());
    }
    return selectors;
  }

  private Selector selector() throws SnapshotException {
    List<String> path = new ArrayList<>();
    path.add(field());
    while (peek() == '.') {
      position++;
      path.add(field());
    }
    if (position == input.length() || peek() == ',') {
      return new Selector(path, new Test.IsPresent());
    }
    return new Selector(path, test());
  }

  private String field() throws SnapshotException {
    skipSpace();
    if (peek() == '"') {
      return quoted("\"");
    }
    int start = position;
    while (isFieldCharacter(peek())) {
      position++;
    }
    expect(position > start, "a field");
    return input.substring(start, position);
  }

  private Test test() throws SnapshotException {
    skipSpace();
    int start = position;
    while ("=!~".indexOf(peek()) >= 0) {
      position++;
    }
    String operator = input.substring(start, position);
    return switch (operator) {
      case "==" -> new Test.Equals(value("\""));
      case "!=" -> new Test.Differs(value("\""));
      case "~=" -> new Test.Matches(pattern(value(REGEX_QUOTES)));
      default -> throw malformed(start, "one of ==, != and ~=");
    };
  }

  private String value(String quotes) throws SnapshotException {
    skipSpace();
    char first = peek();
    if (quotes.indexOf(first) >= 0 && position < input.length()) {
      return quoted(quotes);
    }
    expect("/|,.=!~".indexOf(first) < 0, "a value; quote it if it begins so");
    int start = position;
    while (position < input.length() && peek() != ',' && !Character.isWhitespace(peek())) {
      position++;
    }
    expect(position > start, "a value");
    return input.substring(start, position);
  }

  private Pattern pattern(String regex) throws SnapshotException {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw malformed(position, "a regular expression (" + e.getDescription() + ")");
    }
  }

  private String quoted(String quotes) throws SnapshotException {
    char quote = peek();
    expect(quotes.indexOf(quote) >= 0, "a quoted text");
    int start = position;
    int end = start + 1;
    while (end < input.length() && input.charAt(end) != quote && input.charAt(end) != '\n') {
      end += input.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= input.length() || input.charAt(end) != quote) {
      throw malformed(start, "a quoted text with an end");
    }
    position = end + 1;
    try {
      return GoString.unquote(input.substring(start + 1, end), quote);
    } catch (IllegalArgumentException e) {
      throw malformed(start, "a quoted text as in Go (" + e.getMessage() + ")");
    }
  }

  private static boolean isFieldCharacter(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }

  /** The next character; null at the end, which no filter holds. */
  private char peek() {
    return position < input.length() ? input.charAt(position) : '\0';
  }

  private void skipSpace() {
    while (Character.isWhitespace(peek())) {
      position++;
    }
  }

  private void expect(boolean found, String what) throws SnapshotException {
    if (!found) {
      throw malformed(position, what);
    }
  }

  private SnapshotException malformed(int at, String expected) {
    return SnapshotException.invalidArgument(
        "filter [%s]: expected %s at character %d".formatted(input, expected, at));
  }
}
