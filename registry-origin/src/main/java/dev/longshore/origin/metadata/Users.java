package dev.longshore.origin.metadata;

import java.time.Clock;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Statements on users. */
final class Users {
  private Users() {}

  static Optional<String> password(Handle handle, String name) {
    return handle
        .createQuery("SELECT password FROM users WHERE name = ?")
        .bind(0, name)
        .mapTo(String.class)
        .findOne();
  }

  static boolean add(Handle handle, String name, String password, Clock clock) {
    return handle.execute(
            """
            INSERT INTO users (name, password, created_at) VALUES (?, ?, ?)
            ON CONFLICT DO NOTHING\
            """,
            name,
            password,
            clock.millis())
        > 0;
  }
}
