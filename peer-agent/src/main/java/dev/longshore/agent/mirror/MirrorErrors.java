package dev.longshore.agent.mirror;

import dev.longshore.agent.upstream.NotFoundException;
import dev.longshore.oci.OciError;
import dev.longshore.oci.OciErrorBody;
import dev.longshore.oci.OciErrorEntry;
import dev.longshore.oci.client.RegistryException;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.swarm.node.SourceDeniedException;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Failures as answers: the one place where they become an HTTP status. containerd goes on to its
 * next host for every one of them but 401, which makes it log in at the registry and come back.
 */
final class MirrorErrors {
  private static final Logger log = LoggerFactory.getLogger(MirrorErrors.class);

  private MirrorErrors() {}

  /** Answers an exchange whose handler failed before it answered. */
  static void answer(HttpExchange exchange, Throwable failure) {
    if (failure instanceof SourceDeniedException && failure.getCause() instanceof IOException why) {
      answer(exchange, why);
      return;
    }
    switch (failure) {
      case RegistryException refused -> passOn(exchange, refused);
      case NotFoundException missing ->
          answer(exchange, missing.error(), String.valueOf(missing.getMessage()));
      case IOException unreachable -> {
        log.warn("{} {}: {}", exchange.method(), exchange.path(), unreachable.getMessage());
        answer(
            exchange,
            HttpResponseStatus.BAD_GATEWAY,
            headers(),
            List.of(OciError.UNKNOWN.with(String.valueOf(unreachable.getMessage()))));
      }
      case InterruptedException stopped -> {
        log.debug("{} was interrupted", exchange.path(), stopped);
        answer(
            exchange,
            HttpResponseStatus.SERVICE_UNAVAILABLE,
            headers(),
            List.of(OciError.UNKNOWN.with("the agent is stopping")));
      }
      default -> {
        log.error("{} {} failed", exchange.method(), exchange.path(), failure);
        answer(
            exchange,
            HttpResponseStatus.INTERNAL_SERVER_ERROR,
            headers(),
            List.of(OciError.UNKNOWN.with("the agent failed; its log says more")));
      }
    }
  }

  static void answer(HttpExchange exchange, OciError error, String message) {
    answer(
        exchange,
        HttpResponseStatus.valueOf(error.httpStatus()),
        headers(),
        List.of(error.with(message)));
  }

  /** What the upstream said goes on verbatim, its challenge above all. */
  private static void passOn(HttpExchange exchange, RegistryException refused) {
    HttpHeaders headers = headers();
    refused
        .challenge()
        .ifPresent(challenge -> headers.set(HttpHeaderNames.WWW_AUTHENTICATE, challenge));
    refused.retryAfter().ifPresent(after -> headers.set(HttpHeaderNames.RETRY_AFTER, after));
    boolean clientsBusiness = refused.status() >= 400 && refused.status() < 500;
    HttpResponseStatus status =
        clientsBusiness
            ? HttpResponseStatus.valueOf(refused.status())
            : HttpResponseStatus.BAD_GATEWAY;
    List<OciErrorEntry> errors =
        refused.errors().isEmpty()
            ? List.of(OciError.UNKNOWN.with(String.valueOf(refused.getMessage())))
            : refused.errors();
    answer(exchange, status, headers, errors);
  }

  static void answer(
      HttpExchange exchange,
      HttpResponseStatus status,
      HttpHeaders headers,
      List<OciErrorEntry> errors) {
    headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    exchange.respond(status, headers, Unpooled.wrappedBuffer(OciErrorBody.write(errors)));
  }

  static HttpHeaders headers() {
    return new DefaultHttpHeaders().set("Docker-Distribution-API-Version", "registry/2.0");
  }
}
