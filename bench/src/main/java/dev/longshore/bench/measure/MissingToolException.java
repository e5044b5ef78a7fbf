package dev.longshore.bench.measure;

import java.io.IOException;

/** A program that a benchmark drives is not installed. */
public final class MissingToolException extends IOException {
  MissingToolException(String message) {
    super(message);
  }
}
