package dev.longshore.oci;

import java.util.Optional;

/**
 * One error of an error body.
 *
 * @param code as sent, usually the name of an {@link OciError}
 * @param message for people
 * @param detail free text, or the JSON text of what a registry sent; empty when none
 */
public record OciErrorEntry(String code, String message, String detail) {

  /** The code as the specification's constant, empty when it is not one. */
  public Optional<OciError> known() {
    return OciError.ofCode(code);
  }
}
