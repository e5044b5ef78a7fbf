package dev.longshore.oci.client;

import dev.longshore.oci.OciError;
import dev.longshore.oci.OciErrorEntry;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A registry's answer that is not the one hoped for: what was tried and what came back. */
public final class RegistryException extends IOException {
  private final int status;
  private final transient List<OciErrorEntry> errors;
  private final String attempted;
  private final @Nullable String challenge;
  private final @Nullable String retryAfter;

  RegistryException(
      String attempted,
      int status,
      List<OciErrorEntry> errors,
      @Nullable String challenge,
      @Nullable String retryAfter) {
    super(message(attempted, status, errors));
    this.attempted = attempted;
    this.status = status;
    this.errors = List.copyOf(errors);
    this.challenge = challenge;
    this.retryAfter = retryAfter;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** The errors of the body, empty when it held none. */
  public List<OciErrorEntry> errors() {
    return errors;
  }

  /** True when the body names this error. */
  public boolean has(OciError error) {
    return errors.stream().anyMatch(entry -> entry.code().equals(error.name()));
  }

  public boolean isNotFound() {
    return status == 404;
  }

  /** True when no later attempt with the same credentials can succeed: 401 and 403. */
  public boolean isDenied() {
    return status == 401 || status == 403;
  }

  /** Method and URL, secrets in the query left out. */
  public String attempted() {
    return attempted;
  }

  /** The {@code WWW-Authenticate} header verbatim, to pass on to a client that has credentials. */
  public Optional<String> challenge() {
    return Optional.ofNullable(challenge);
  }

  /** The {@code Retry-After} header verbatim. */
  public Optional<String> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  private static String message(String attempted, int status, List<OciErrorEntry> errors) {
    String codes =
        errors.stream()
            .map(error -> error.code() + ": " + error.message())
            .collect(Collectors.joining("; "));
    return "Tried to "
        + attempted
        + ", the registry answered "
        + status
        + (codes.isEmpty() ? "" : " (" + codes + ")")
        + advice(status);
  }

  private static String advice(int status) {
    return switch (status) {
      case 401 -> "; log in, or check the user and password";
      case 403 -> "; these credentials lack the right to do this";
      case 404 -> "; check the name, and that it has been pushed";
      case 429 -> "; the registry limits requests, try later or log in";
      default -> status >= 500 ? "; the registry is in trouble, try later" : "";
    };
  }
}
