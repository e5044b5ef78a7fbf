package dev.longshore.origin.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.origin.store.StoreFullException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

class SqliteMetadataTest extends MetadataSuite {

  @Override
  Metadata open(Path directory, Clock clock) throws IOException {
    return SqliteMetadata.open(directory.resolve("metadata.db"), clock);
  }

  @Test
  void open_newerSchema_isRefused() {
    Path file = directory.resolve("newer.db");
    Jdbi.create("jdbc:sqlite:" + file).useHandle(h -> h.execute("PRAGMA user_version = 999"));

    assertThatThrownBy(() -> SqliteMetadata.open(file, Clock.systemUTC()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("999");
  }

  @Test
  void open_notADatabase_isRefused() throws IOException {
    Path file = directory.resolve("text.db");
    Files.writeString(file, "this is not a database, but it is long enough to look like one");

    assertThatThrownBy(() -> SqliteMetadata.open(file, Clock.systemUTC()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("text.db");
  }

  @Test
  void explain_sqliteFull_isAFullStore() {
    assertThat(DatabaseFailure.explain(new RuntimeException(new SQLException("disk full", "", 13))))
        .isInstanceOf(StoreFullException.class);
    assertThat(DatabaseFailure.explain(new RuntimeException(new SQLException("busy", "", 5))))
        .isNotInstanceOf(StoreFullException.class);
  }

  /** A real full database: SQLite refuses to grow beyond max_page_count with SQLITE_FULL. */
  @Test
  void write_databaseCannotGrow_failsAndGoesOn() throws Exception {
    Path file = directory.resolve("small.db");
    SqliteMetadata.open(file, Clock.systemUTC()).close();
    Jdbi jdbi = Jdbi.create("jdbc:sqlite:" + file);
    try (var handle = jdbi.open()) {
      handle.execute("PRAGMA journal_mode = WAL");
      handle.execute("PRAGMA max_page_count = 1");
      GroupCommitWriter writer = new GroupCommitWriter(handle);
      assertThatThrownBy(() ->
              writer.write(
                  GroupCommitWriter.Durability.CRASH,
                  h -> Users.add(h, "u", "x".repeat(100_000), Clock.systemUTC())))
          .satisfies(
              e -> assertThat(DatabaseFailure.explain(e)).isInstanceOf(StoreFullException.class));
      assertThat(
              writer.<Boolean>write(
                  GroupCommitWriter.Durability.POWER_LOSS,
                  h -> Users.add(h, "u", "short", Clock.systemUTC())))
          .isTrue();
      writer.close();
    }
  }
}
