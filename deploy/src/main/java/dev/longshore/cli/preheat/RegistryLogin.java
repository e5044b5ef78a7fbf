package dev.longshore.cli.preheat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Answers a registry's challenge with the user's login. */
@FunctionalInterface
public interface RegistryLogin {

  /**
   * The {@code Authorization} header to show; empty without a login. May be asked again for a fresh
   * one.
   */
  Optional<String> answer(List<String> challenges) throws IOException;
}
