package dev.longshore.service.settings;

import dev.longshore.service.unit.Durations;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A type of single value and how it is read from text. */
final class ScalarType {

  private final boolean isBoolean;
  private final String placeholder;
  private final Function<String, Object> parser;

  private ScalarType(Class<?> type, String placeholder, Function<String, Object> parser) {
    this.isBoolean = type == boolean.class || type == Boolean.class;
    this.placeholder = placeholder;
    this.parser = parser;
  }

  static ScalarType of(Class<?> type) {
    if (type.isEnum()) {
      return ofEnum(type);
    }
    return switch (type.getName()) {
      case "java.lang.String" -> new ScalarType(type, "TEXT", text -> text);
      case "boolean", "java.lang.Boolean" -> new ScalarType(type, "", ScalarType::bool);
      case "int", "java.lang.Integer" ->
          new ScalarType(
              type, "N", text -> (int) integer(text, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case "long", "java.lang.Long" ->
          new ScalarType(type, "N", text -> integer(text, Long.MIN_VALUE, Long.MAX_VALUE));
      case "double", "java.lang.Double" -> new ScalarType(type, "X", ScalarType::decimal);
      case "java.nio.file.Path" -> new ScalarType(type, "PATH", ScalarType::path);
      case "java.net.URI" -> new ScalarType(type, "URL", ScalarType::url);
      case "java.time.Duration" -> new ScalarType(type, "TIME", Durations::parse);
      default -> ofParseMethod(type);
    };
  }

  private static ScalarType ofEnum(Class<?> type) {
    Object[] constants = type.getEnumConstants();
    String words = Arrays.stream(constants).map(ScalarType::word).collect(Collectors.joining("|"));
    return new ScalarType(
        type,
        words,
        text ->
            Arrays.stream(constants)
                // A flag's own words are joined by dashes: "a-b" is meant by whoever means a_b.
                .filter(constant ->
                    word(constant).equals(text.toLowerCase(Locale.ROOT).replace('-', '_')))
                .findFirst()
                .orElseThrow(() ->
                    new IllegalArgumentException(
                        "expected one of " + words + ", found \"" + text + '"')));
  }

  private static String word(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
  }

  private static ScalarType ofParseMethod(Class<?> type) {
    Method parse;
    try {
      parse = type.getMethod("parse", String.class);
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException(
          type + " cannot be a setting: it has no public static parse(String)", e);
    }
    if (!Modifier.isStatic(parse.getModifiers())) {
      throw new IllegalArgumentException(type + " cannot be a setting: parse is not static");
    }
    return new ScalarType(type, placeholderOf(type), text -> invoke(parse, text));
  }

  private static String placeholderOf(Class<?> type) {
    return switch (type.getSimpleName()) {
      case "HostAndPort" -> "HOST:PORT";
      case "DataSize" -> "SIZE";
      case "DataRate", "RateLimit" -> "RATE";
      default -> SettingDefinition.kebab(type.getSimpleName()).toUpperCase(Locale.ROOT);
    };
  }

  private static Object invoke(Method parse, String text) {
    try {
      return parse.invoke(null, text);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException thrown) {
        throw thrown instanceof IllegalArgumentException
            ? thrown
            : new IllegalArgumentException(String.valueOf(thrown.getMessage()), thrown);
      }
      throw new IllegalArgumentException(String.valueOf(e.getCause()), e);
    } catch (IllegalAccessException e) {
      throw new IllegalArgumentException(parse + " is not public", e);
    }
  }

  private static Object bool(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on" -> true;
      case "false", "no", "off" -> false;
      default ->
          throw new IllegalArgumentException("expected true or false, found \"" + text + '"');
    };
  }

  private static long integer(String text, long least, long most) {
    try {
      long value = Long.parseLong(text.strip());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("expected a whole number, found \"" + text + '"', e);
    }
    throw new IllegalArgumentException(
        "expected a number from " + least + " to " + most + ", found " + text);
  }

  private static Object decimal(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("expected a number, found \"" + text + '"', e);
    }
  }

  private static Object path(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("expected a path, found nothing");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("expected a path, found \"" + text + '"', e);
    }
  }

  private static Object url(String text) {
    try {
      URI uri = URI.create(text);
      if (uri.getScheme() != null && uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(expectedUrl(text), e);
    }
    throw new IllegalArgumentException(expectedUrl(text));
  }

  private static String expectedUrl(String text) {
    return "expected a URL such as http://127.0.0.1:5000, found \"" + text + '"';
  }

  boolean isBoolean() {
    return isBoolean;
  }

  String placeholder() {
    return placeholder;
  }

  Object parse(String text) {
    return parser.apply(text);
  }
}
