package dev.longshore.service.settings;

import dev.longshore.service.settings.SettingDefinition.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads a flat YAML file of settings: scalars, lists of scalars, and maps of scalars. */
final class YamlFile {

  private static final long MAX_BYTES = 1 << 20;
  private static final YAMLMapper MAPPER =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private YamlFile() {}

  static GivenTexts read(Path file, Map<String, SettingDefinition> known) {
    var given = new GivenTexts();
    for (Map.Entry<String, JsonNode> entry : root(file).properties()) {
      String key = entry.getKey();
      SettingDefinition setting = known.get(key);
      if (setting == null) {
        throw new SettingsException(
            file + ": unknown setting " + key + NearestName.hint(key, known.keySet(), ""));
      }
      given.add(key, file + ": " + key, texts(file, setting, entry.getValue()));
    }
    return given;
  }

  private static JsonNode root(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new SettingsException(
            "--config " + file + " is larger than 1 MiB: is it a settings file?");
      }
      String text = Files.readString(file);
      JsonNode root = MAPPER.readTree(text);
      if (root.isMissingNode() || root.isNull()) {
        return MAPPER.createObjectNode();
      }
      if (!root.isObject()) {
        throw new SettingsException(file + ": expected lines of the form \"name: value\"");
      }
      return root;
    } catch (NoSuchFileException e) {
      throw new SettingsException("--config " + file + ": there is no such file", e);
    } catch (IOException e) {
      throw new SettingsException("--config " + file + " cannot be read: " + e.getMessage(), e);
    } catch (JacksonException e) {
      throw new SettingsException(
          file
              + ", line "
              + e.getLocation().getLineNr()
              + ": not valid YAML: "
              + e.getOriginalMessage(),
          e);
    }
  }

  private static List<String> texts(Path file, SettingDefinition setting, JsonNode value) {
    String place = file + ": " + setting.key();
    if (value.isObject() && setting.shape() == Shape.MAP) {
      var texts = new ArrayList<String>();
      for (Map.Entry<String, JsonNode> entry : value.properties()) {
        texts.add(entry.getKey() + "=" + scalar(place + "." + entry.getKey(), entry.getValue()));
      }
      return texts;
    }
    if (value.isArray() && (setting.shape() == Shape.LIST || setting.shape() == Shape.MAP)) {
      var texts = new ArrayList<String>();
      for (JsonNode element : value) {
        texts.add(scalar(place, element));
      }
      return texts;
    }
    return List.of(scalar(place, value));
  }

  private static String scalar(String place, JsonNode value) {
    if (value.isNull()) {
      throw new SettingsException(place + " has no value; remove the line or give one");
    }
    if (!value.isValueNode()) {
      throw new SettingsException(place + " takes a single value, found a nested structure");
    }
    return value.asString();
  }
}
