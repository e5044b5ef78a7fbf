package dev.longshore.origin.metadata;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Statements on repositories. */
final class Repositories {
  private Repositories() {}

  static Optional<Long> id(Handle handle, String name) {
    return handle
        .createQuery("SELECT id FROM repositories WHERE name = ?")
        .bind(0, name)
        .mapTo(Long.class)
        .findOne();
  }

  /** The repository's id; the first thing that is stored in it creates it. */
  static long idOrCreate(Handle handle, String name, Clock clock) {
    handle.execute(
        "INSERT INTO repositories (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
        name,
        clock.millis());
    return id(handle, name).orElseThrow();
  }

  static List<String> names(Handle handle, @Nullable String after, int limit) {
    return handle
        .createQuery("SELECT name FROM repositories WHERE name > ? ORDER BY name LIMIT ?")
        .bind(0, after == null ? "" : after)
        .bind(1, limit)
        .mapTo(String.class)
        .list();
  }
}
