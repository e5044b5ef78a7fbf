package dev.longshore.service.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The texts that were given for settings, each with the place it came from. */
final class GivenTexts {

  /**
   * What was given for one setting.
   *
   * @param origin for error messages: {@code --listen} or {@code FILE: listen}
   */
  record Given(String origin, List<String> texts) {}

  private final Map<String, Given> byKey = new LinkedHashMap<>();

  void add(String key, String origin, List<String> texts) {
    byKey.merge(
        key,
        new Given(origin, List.copyOf(texts)),
        (old, fresh) -> {
          var all = new ArrayList<>(old.texts());
          all.addAll(fresh.texts());
          return new Given(fresh.origin(), List.copyOf(all));
        });
  }

  /** Takes every key of the other over its own. */
  void overrideWith(GivenTexts stronger) {
    byKey.putAll(stronger.byKey);
  }

  Map<String, Given> byKey() {
    return byKey;
  }
}
