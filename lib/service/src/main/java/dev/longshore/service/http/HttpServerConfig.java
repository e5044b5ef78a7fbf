package dev.longshore.service.http;

import dev.longshore.service.unit.HostAndPort;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a server listens and what it puts up with.
 *
 * @param setting the flag that gave the address, without dashes, for error messages
 * @param tls null to serve in the clear
 * @param maxConnections further ones are answered 503 and closed
 * @param maxHeaderBytes of all header lines of a request together, and of its first line
 * @param headerTimeout from a request's first byte to the end of its headers
 * @param idleTimeout without a byte in the direction that is waited for
 * @param maxDrainBytes of an unread request body that are read away to keep a connection
 */
public record HttpServerConfig(
    String setting,
    HostAndPort listen,
    @Nullable SslContext tls,
    int maxConnections,
    int maxHeaderBytes,
    Duration headerTimeout,
    Duration idleTimeout,
    long maxDrainBytes) {

  /** In the clear, with limits that suit a registry. */
  public static HttpServerConfig of(String setting, HostAndPort listen) {
    return new HttpServerConfig(
        setting,
        listen,
        null,
        16_384,
        32 << 10,
        Duration.ofSeconds(10),
        Duration.ofSeconds(75),
        1 << 20);
  }

  public HttpServerConfig withTls(@Nullable SslContext context) {
    return new HttpServerConfig(
        setting,
        listen,
        context,
        maxConnections,
        maxHeaderBytes,
        headerTimeout,
        idleTimeout,
        maxDrainBytes);
  }

  public HttpServerConfig withMaxConnections(int connections) {
    return new HttpServerConfig(
        setting,
        listen,
        tls,
        connections,
        maxHeaderBytes,
        headerTimeout,
        idleTimeout,
        maxDrainBytes);
  }

  public HttpServerConfig withTimeouts(Duration header, Duration idle) {
    return new HttpServerConfig(
        setting, listen, tls, maxConnections, maxHeaderBytes, header, idle, maxDrainBytes);
  }
}
