package dev.longshore.oci.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One challenge of a {@code WWW-Authenticate} header (RFC 9110, section 11.6.1).
 *
 * @param scheme lower-case, {@code bearer} or {@code basic} as a rule
 * @param parameters names lower-case
 */
record Challenge(String scheme, Map<String, String> parameters) {
  private static final int MAX_LENGTH = 16 << 10;

  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }

  /** All challenges of these header values; what is not understood is left out. */
  static List<Challenge> parse(List<String> headers) {
    List<Challenge> challenges = new ArrayList<>();
    for (String header : headers) {
      if (header.length() <= MAX_LENGTH) {
        new Scanner(header).scan(challenges);
      }
    }
    return challenges;
  }

  /** Reads {@code scheme name=value, name="quoted", scheme …}. */
  private static final class Scanner {
    private final String text;
    private int at;

    Scanner(String text) {
      this.text = text;
    }

    void scan(List<Challenge> challenges) {
      Map<String, String> parameters = new LinkedHashMap<>();
      while (true) {
        skip(" \t,");
        String word = token();
        if (word.isEmpty()) {
          return;
        }
        int afterWord = at;
        skip(" \t");
        // A word followed by '=' is a parameter of the scheme before it, else a new scheme.
        if (peek() == '=' && !challenges.isEmpty()) {
          at++;
          skip(" \t");
          parameters.put(word.toLowerCase(Locale.ROOT), peek() == '"' ? quoted() : token());
        } else {
          at = afterWord;
          parameters = new LinkedHashMap<>();
          challenges.add(new Challenge(word.toLowerCase(Locale.ROOT), parameters));
        }
      }
    }

    private char peek() {
      return at < text.length() ? text.charAt(at) : '\0';
    }

    private void skip(String characters) {
      while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }

    private String token() {
      int start = at;
      while (at < text.length() && " \t,=\"".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(start, at);
    }

    private String quoted() {
      StringBuilder value = new StringBuilder();
      at++;
      while (at < text.length() && text.charAt(at) != '"') {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(text.charAt(at++));
      }
      at = Math.min(at + 1, text.length());
      return value.toString();
    }
  }
}
