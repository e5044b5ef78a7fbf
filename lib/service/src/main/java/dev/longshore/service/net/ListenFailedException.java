package dev.longshore.service.net;

import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.util.Locale;

/** An address could not be listened on; the message is one line that says what to do. */
public final class ListenFailedException extends IOException {

  private ListenFailedException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Says why binding failed.
   *
   * @param setting the flag's name without dashes, such as {@code listen}
   */
  public static ListenFailedException of(String setting, HostAndPort address, Throwable cause) {
    return new ListenFailedException(
        "cannot listen on "
            + address
            + " (--"
            + setting
            + "): "
            + reason(String.valueOf(cause.getMessage()), setting, address),
        cause);
  }

  private static String reason(String found, String setting, HostAndPort address) {
    String lower = found.toLowerCase(Locale.ROOT);
    String another = "choose another with --" + setting + " HOST:PORT";
    if (lower.contains("in use")) {
      return "another process is using it; stop that process (ss -ltnp 'sport = :"
          + address.port()
          + "' shows it) or "
          + another;
    }
    if (lower.contains("permission denied")) {
      return "this user may not use a port below 1024; " + another;
    }
    if (lower.contains("cannot assign") || lower.contains("can't assign")) {
      return "no network interface of this machine has that address; " + another;
    }
    if (lower.contains("unresolved") || lower.contains("null")) {
      return "the host name does not resolve; " + another;
    }
    return found + "; " + another;
  }
}
