package dev.longshore.origin.metadata;

import dev.longshore.origin.store.StoreFullException;
import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Turns what JDBI throws into what {@link Metadata} promises. */
final class DatabaseFailure {

  /** SQLITE_FULL, https://www.sqlite.org/rescode.html; the low byte of an extended code. */
  private static final int FULL = 13;

  /** SQLITE_IOERR_SHMSIZE: the file that coordinates the log cannot grow, in effect a full disk. */
  private static final int SHARED_MEMORY_SIZE = 4874;

  private DatabaseFailure() {}

  static IOException explain(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && isFull(sql.getErrorCode())) {
        return new StoreFullException(
            "the metadata cannot grow, its disk is full; nothing of this request was kept",
            failure);
      }
    }
    return new IOException("the metadata database failed: " + failure.getMessage(), failure);
  }

  private static boolean isFull(int code) {
    return (code & 0xff) == FULL || code == SHARED_MEMORY_SIZE;
  }
}
