package dev.longshore.cli;

/** A command that can speak to machines. */
interface JsonCommand {

  /** Whether standard output is JSON, one object a line, also for a failure. */
  boolean json();
}
