package dev.longshore.swarm.tracker;

/** A message whose fields are out of bounds; its text says which and what was found. */
final class MalformedMessageException extends Exception {
  MalformedMessageException(String found) {
    super(found);
  }
}
