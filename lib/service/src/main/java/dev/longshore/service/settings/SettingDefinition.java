package dev.longshore.service.settings;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One setting: its name, what it takes, and how its texts become a value.
 *
 * @param key in kebab case, as flag and as YAML key
 * @param defaultText null when there is none
 * @param placeholder stands for the value in help; empty for a switch
 */
record SettingDefinition(
    String key,
    String description,
    @Nullable String defaultText,
    String placeholder,
    Shape shape,
    ScalarType scalar) {

  /** How many values a setting holds. */
  enum Shape {
    ONE,
    OPTIONAL,
    LIST,
    MAP
  }

  static SettingDefinition of(RecordComponent component, Setting setting) {
    Type type = component.getGenericType();
    Shape shape =
        switch (component.getType().getName()) {
          case "java.util.Optional" -> Shape.OPTIONAL;
          case "java.util.List" -> Shape.LIST;
          case "java.util.Map" -> Shape.MAP;
          default -> Shape.ONE;
        };
    ScalarType scalar = ScalarType.of(scalarClass(component, type, shape));
    String given = setting.placeholder();
    String placeholder =
        !given.isEmpty()
            ? given
            : switch (shape) {
              case ONE, OPTIONAL -> scalar.placeholder();
              case LIST -> scalar.placeholder() + ",…";
              case MAP -> "NAME=" + scalar.placeholder();
            };
    String text = setting.defaultValue();
    return new SettingDefinition(
        kebab(component.getName()),
        setting.value(),
        text.equals(Setting.NONE) ? null : text,
        placeholder,
        shape,
        scalar);
  }

  private static Class<?> scalarClass(RecordComponent component, Type type, Shape shape) {
    if (shape == Shape.ONE) {
      return component.getType();
    }
    Type[] arguments = ((ParameterizedType) type).getActualTypeArguments();
    if (shape == Shape.MAP && arguments[0] != String.class) {
      throw new IllegalArgumentException(component + ": the keys of a Map setting are Strings");
    }
    return (Class<?>) arguments[arguments.length - 1];
  }

  static String kebab(String camel) {
    return camel.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
  }

  boolean isSwitch() {
    return scalar.isBoolean() && (shape == Shape.ONE || shape == Shape.OPTIONAL);
  }

  boolean isRequired() {
    return shape == Shape.ONE && defaultText == null && !scalar.isBoolean();
  }

  /** The value when nobody gave one; not for a required setting. */
  Object valueByDefault() {
    if (defaultText != null) {
      return value(List.of(defaultText));
    }
    return switch (shape) {
      case ONE -> false;
      case OPTIONAL -> Optional.empty();
      case LIST -> List.of();
      case MAP -> Map.of();
    };
  }

  /**
   * Makes the value.
   *
   * @param texts as given; more than one only for a list or a map
   * @throws IllegalArgumentException if a text is not what the setting takes
   */
  Object value(List<String> texts) {
    return switch (shape) {
      case ONE -> scalar.parse(texts.getFirst());
      case OPTIONAL -> Optional.of(scalar.parse(texts.getFirst()));
      case LIST -> parts(texts).map(scalar::parse).toList();
      case MAP -> map(texts);
    };
  }

  private static Stream<String> parts(List<String> texts) {
    return texts.stream()
        .flatMap(text -> Arrays.stream(text.split(",")))
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  private Map<String, Object> map(List<String> texts) {
    var map = new LinkedHashMap<String, Object>();
    for (String entry : (Iterable<String>) parts(texts)::iterator) {
      int equals = entry.indexOf('=');
      if (equals <= 0 || equals == entry.length() - 1) {
        throw new IllegalArgumentException("expected " + placeholder + ", found \"" + entry + '"');
      }
      String name = entry.substring(0, equals);
      if (map.put(name, scalar.parse(entry.substring(equals + 1))) != null) {
        throw new IllegalArgumentException("\"" + name + "\" is given twice");
      }
    }
    return Collections.unmodifiableMap(map);
  }

  /** All settings of a record and of the settings records in it, in order. */
  static List<SettingDefinition> allOf(Class<? extends Record> type) {
    var found = new ArrayList<SettingDefinition>();
    for (RecordComponent component : type.getRecordComponents()) {
      Setting setting = component.getAnnotation(Setting.class);
      if (setting != null) {
        found.add(of(component, setting));
      } else {
        found.addAll(allOf(nested(component)));
      }
    }
    return found;
  }

  static Class<? extends Record> nested(RecordComponent component) {
    if (!component.getType().isRecord()) {
      throw new IllegalArgumentException(
          component + " of " + component.getDeclaringRecord() + " lacks @Setting");
    }
    return component.getType().asSubclass(Record.class);
  }
}
