package dev.longshore.service.unit;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A host name or address and a port, written {@code HOST:PORT} or {@code [IPV6]:PORT}.
 *
 * @param host never empty; an IPv6 address stands without its brackets
 * @param port 0 to 65535; 0 asks the system for a free one when binding
 */
public record HostAndPort(String host, int port) {

  public HostAndPort {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("expected HOST:PORT, found no host before the port");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("expected a port from 0 to 65535, found " + port);
    }
  }

  public static HostAndPort parse(String text) {
    String trimmed = text.strip();
    int colon = trimmed.lastIndexOf(':');
    if (colon <= 0 || colon == trimmed.length() - 1) {
      throw new IllegalArgumentException(expected(text));
    }
    String host = trimmed.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "an IPv6 address needs brackets, as in [::1]:5000; found \"" + text + '"');
    }
    String digits = trimmed.substring(colon + 1);
    if (digits.length() > 5 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException(expected(text));
    }
    return new HostAndPort(host, Integer.parseInt(digits));
  }

  /** What a socket is bound or connected to. */
  public static HostAndPort of(InetSocketAddress address) {
    InetAddress resolved = address.getAddress();
    return new HostAndPort(
        resolved == null ? address.getHostString() : withoutScope(resolved.getHostAddress()),
        address.getPort());
  }

  private static String withoutScope(String address) {
    int percent = address.indexOf('%');
    return percent < 0 ? address : address.substring(0, percent);
  }

  /** Resolves the host; blocks when that needs DNS. */
  public InetSocketAddress toSocketAddress() {
    return new InetSocketAddress(host, port);
  }

  /** Whether only this machine can reach it. A name is resolved. */
  public boolean isLoopback() {
    InetAddress address = toSocketAddress().getAddress();
    return address != null && address.isLoopbackAddress();
  }

  private static String expected(String text) {
    return "expected HOST:PORT such as 127.0.0.1:5000 or [::1]:5000, found \"" + text + '"';
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
