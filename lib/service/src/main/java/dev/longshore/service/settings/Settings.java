package dev.longshore.service.settings;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Fills settings records from {@code --config FILE} with flags over it. See {@link Setting} for how
 * a record says what it takes; its compact constructor validates by throwing {@link
 * IllegalArgumentException}.
 */
public final class Settings {

  private final Map<String, SettingDefinition> known;
  private final GivenTexts given;
  private final boolean helpRequested;

  private Settings(Map<String, SettingDefinition> known, GivenTexts given, boolean helpRequested) {
    this.known = known;
    this.given = given;
    this.helpRequested = helpRequested;
  }

  /**
   * Fills one record.
   *
   * @throws SettingsException if anything is unknown, missing, malformed or invalid
   */
  public static <T extends Record> T load(Class<T> type, String... arguments) {
    return parse(List.of(type), arguments).get(type);
  }

  /**
   * Reads the arguments, and the file they name, for several records that share one command line.
   *
   * @throws SettingsException if a key is unknown or the file cannot be read
   */
  public static Settings parse(List<Class<? extends Record>> types, String... arguments) {
    Map<String, SettingDefinition> known = definitions(types);
    CommandLine line = CommandLine.parse(List.of(arguments), known);
    var given = new GivenTexts();
    Path config = line.config();
    if (config != null) {
      given.overrideWith(YamlFile.read(config, known));
    }
    given.overrideWith(line.given());
    return new Settings(known, given, line.help());
  }

  /** Whether the arguments hold {@code --help}; nothing else was looked at then. */
  public boolean helpRequested() {
    return helpRequested;
  }

  /**
   * Makes one of the records.
   *
   * @throws SettingsException if a setting is missing, malformed or invalid
   */
  public <T extends Record> T get(Class<T> type) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] =
          components[i].isAnnotationPresent(Setting.class)
              ? value(SettingDefinition.kebab(components[i].getName()))
              : get(SettingDefinition.nested(components[i]));
    }
    return construct(type, types, values);
  }

  private static <T extends Record> T construct(Class<T> type, Class<?>[] types, Object[] values) {
    try {
      Constructor<T> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException invalid) {
        throw new SettingsException(String.valueOf(invalid.getMessage()), invalid);
      }
      throw new IllegalStateException(type + " could not be made", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " could not be made", e);
    }
  }

  private Object value(String key) {
    SettingDefinition setting = Objects.requireNonNull(known.get(key), key);
    GivenTexts.Given texts = given.byKey().get(key);
    if (texts == null) {
      if (setting.isRequired()) {
        throw new SettingsException(
            "--" + key + " " + setting.placeholder() + " is needed: " + setting.description());
      }
      return setting.valueByDefault();
    }
    if (texts.texts().isEmpty()) {
      return setting.valueByDefault();
    }
    try {
      return setting.value(texts.texts());
    } catch (IllegalArgumentException e) {
      throw new SettingsException(texts.origin() + ": " + e.getMessage(), e);
    }
  }

  /**
   * The text of {@code --help}.
   *
   * @param command as it is typed, such as {@code longshore origin}
   * @param summary one or two sentences
   */
  public static String help(String command, String summary, List<Class<? extends Record>> types) {
    return HelpText.of(command, summary, List.copyOf(definitions(types).values()));
  }

  private static Map<String, SettingDefinition> definitions(List<Class<? extends Record>> types) {
    var known = new LinkedHashMap<String, SettingDefinition>();
    for (Class<? extends Record> type : types) {
      for (SettingDefinition setting : SettingDefinition.allOf(type)) {
        if (known.put(setting.key(), setting) != null
            || setting.key().equals(CommandLine.CONFIG)
            || setting.key().equals(CommandLine.HELP)) {
          throw new IllegalArgumentException("two settings are called " + setting.key());
        }
      }
    }
    return known;
  }
}
