package dev.longshore.cli.status;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Rows in columns as wide as their widest cell; a heading that ends with a colon aligns right. */
final class TextTable {
  private static final String GAP = "  ";

  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  TextTable(String... headings) {
    this.headings = List.of(headings);
  }

  void row(String... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          "expected " + headings.size() + " cells, found " + cells.length);
    }
    rows.add(List.of(cells));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  void print(PrintWriter out) {
    List<String> shown = headings.stream().map(TextTable::withoutColon).toList();
    line(out, shown);
    rows.forEach(row -> line(out, row));
  }

  private void line(PrintWriter out, List<String> cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String cell = cells.get(i);
      String space = " ".repeat(width(i) - cell.length());
      line.append(GAP).append(isRight(i) ? space + cell : cell + space);
    }
    out.println(line.toString().stripTrailing());
  }

  private boolean isRight(int column) {
    return headings.get(column).endsWith(":");
  }

  private int width(int column) {
    int width = withoutColon(headings.get(column)).length();
    for (List<String> row : rows) {
      width = Math.max(width, row.get(column).length());
    }
    return width;
  }

  private static String withoutColon(String heading) {
    return heading.endsWith(":") ? heading.substring(0, heading.length() - 1) : heading;
  }
}
