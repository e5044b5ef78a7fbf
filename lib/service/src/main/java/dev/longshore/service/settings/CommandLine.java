package dev.longshore.service.settings;

import dev.longshore.service.settings.SettingDefinition.Shape;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Flags taken apart: {@code --flag value}, {@code --flag=value}, {@code --switch}, {@code
 * --no-switch}, {@code --config FILE}, {@code --help}.
 */
record CommandLine(boolean help, @Nullable Path config, GivenTexts given) {

  static final String CONFIG = "config";
  static final String HELP = "help";

  static CommandLine parse(List<String> arguments, Map<String, SettingDefinition> known) {
    if (arguments.contains("--help") || arguments.contains("-h")) {
      return new CommandLine(true, null, new GivenTexts());
    }
    var given = new GivenTexts();
    Path config = null;
    Iterator<String> left = arguments.iterator();
    while (left.hasNext()) {
      String argument = left.next();
      if (!argument.startsWith("--") || argument.length() == 2) {
        throw new SettingsException(
            "unexpected argument \"" + argument + "\": settings are written --name VALUE");
      }
      int equals = argument.indexOf('=');
      String key = argument.substring(2, equals < 0 ? argument.length() : equals);
      String value = equals < 0 ? null : argument.substring(equals + 1);
      if (key.equals(CONFIG)) {
        config = Path.of(value != null ? value : next(left, "--config", "FILE"));
        continue;
      }
      flag(key, value, left, known, given);
    }
    return new CommandLine(false, config, given);
  }

  private static void flag(
      String key,
      @Nullable String value,
      Iterator<String> left,
      Map<String, SettingDefinition> known,
      GivenTexts given) {
    SettingDefinition setting = known.get(key);
    if (setting == null && key.startsWith("no-") && value == null) {
      SettingDefinition negated = known.get(key.substring(3));
      if (negated != null && negated.isSwitch()) {
        given.add(negated.key(), "--" + key, List.of("false"));
        return;
      }
    }
    if (setting == null) {
      throw new SettingsException(
          "unknown setting --" + key + NearestName.hint(key, known.keySet(), "--"));
    }
    String text = value;
    if (text == null) {
      text = setting.isSwitch() ? "true" : next(left, "--" + key, setting.placeholder());
    }
    boolean repeatable = setting.shape() == Shape.LIST || setting.shape() == Shape.MAP;
    if (!repeatable && given.byKey().containsKey(key)) {
      throw new SettingsException("--" + key + " is given twice; it takes one value");
    }
    given.add(key, "--" + key, List.of(text));
  }

  private static String next(Iterator<String> left, String flag, String placeholder) {
    if (!left.hasNext()) {
      throw new SettingsException(flag + " needs a value: " + flag + " " + placeholder);
    }
    return left.next();
  }
}
