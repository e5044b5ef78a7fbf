package dev.longshore.origin.metadata;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jdbi.v3.core.Handle;

/**
 * Brings a database to the schema of this program by numbered scripts, each in one transaction;
 * {@code PRAGMA user_version} is the number of the last one that ran.
 */
final class Migrations {
  private Migrations() {}

  static void run(Handle handle) throws IOException {
    int version =
        handle.createQuery("PRAGMA user_version").mapTo(Integer.class).findOne().orElse(0);
    int known = 0;
    for (String script = script(1); !script.isEmpty(); script = script(known + 1)) {
      known++;
      if (known > version) {
        apply(handle, known, script);
      }
    }
    if (version > known) {
      throw new IOException(
          "the metadata was written by a newer Longshore: this one knows schema "
              + known
              + ", found "
              + version
              + "; run the newer one");
    }
  }

  private static void apply(Handle handle, int number, String script) {
    handle.execute("BEGIN EXCLUSIVE");
    for (String statement : script.split(";\\s*\n", -1)) {
      if (!statement.isBlank()) {
        handle.execute(statement);
      }
    }
    handle.execute("PRAGMA user_version = " + number);
    handle.execute("COMMIT");
  }

  /** The text of a script, empty when there is none of this number. */
  private static String script(int number) throws IOException {
    try (InputStream in = Migrations.class.getResourceAsStream("%03d.sql".formatted(number))) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
