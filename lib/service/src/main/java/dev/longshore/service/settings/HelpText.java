package dev.longshore.service.settings;

import dev.longshore.service.settings.SettingDefinition.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Lays out {@code --help}: flags left, wrapped descriptions right, required settings first. */
final class HelpText {

  private static final int WIDTH = 100;
  private static final int MAX_LEFT = 30;

  private record Row(String left, String right) {}

  private HelpText() {}

  static String of(String command, String summary, List<SettingDefinition> settings) {
    List<Row> required =
        settings.stream().filter(SettingDefinition::isRequired).map(HelpText::row).toList();
    var others = new ArrayList<Row>();
    settings.stream().filter(s -> !s.isRequired()).map(HelpText::row).forEach(others::add);
    others.add(new Row("--config FILE", "YAML file with any of these settings; flags win over it"));
    others.add(new Row("--help", "shows this text"));

    // A flag that is wider than the column stands on a line of its own.
    int left =
        Stream.concat(required.stream(), others.stream())
            .mapToInt(row -> row.left().length())
            .filter(length -> length <= MAX_LEFT)
            .max()
            .orElse(MAX_LEFT);
    var text = new StringBuilder();
    text.append("Usage: ").append(command);
    for (Row row : required) {
      text.append(' ').append(row.left());
    }
    text.append(" [settings]\n\n");
    wrap(summary, WIDTH).forEach(line -> text.append(line).append('\n'));
    section(text, "Required", required, left);
    section(text, required.isEmpty() ? "Settings" : "Optional", others, left);
    text.append("\nSizes and times take units: 64MiB, 100MiB/s, 5s, 1h30m.\n");
    return text.toString();
  }

  private static Row row(SettingDefinition setting) {
    String flag = "--" + (setting.isSwitch() ? "[no-]" : "") + setting.key();
    String left = setting.placeholder().isEmpty() ? flag : flag + " " + setting.placeholder();
    var right = new StringBuilder(setting.description());
    if (setting.shape() == Shape.MAP) {
      right.append("; may be repeated");
    }
    String text = setting.defaultText();
    if (text != null && !text.isEmpty()) {
      right.append(" (default ").append(text).append(')');
    }
    return new Row(left, right.toString());
  }

  private static void section(StringBuilder text, String title, List<Row> rows, int left) {
    if (rows.isEmpty()) {
      return;
    }
    text.append('\n').append(title).append(":\n");
    String indent = " ".repeat(left + 4);
    for (Row row : rows) {
      List<String> lines = wrap(row.right(), WIDTH - indent.length());
      text.append("  ").append(row.left());
      if (row.left().length() > left) {
        text.append('\n').append(indent);
      } else {
        text.append(" ".repeat(left + 2 - row.left().length()));
      }
      text.append(String.join("\n" + indent, lines)).append('\n');
    }
  }

  private static List<String> wrap(String text, int width) {
    var lines = new ArrayList<String>();
    var line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
