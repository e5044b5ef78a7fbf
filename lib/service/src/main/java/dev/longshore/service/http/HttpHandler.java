package dev.longshore.service.http;

/** Answers requests. Called on an event loop: must not block (see {@link HttpExchange#fork}). */
@FunctionalInterface
public interface HttpHandler {
  void handle(HttpExchange exchange) throws Exception;
}
