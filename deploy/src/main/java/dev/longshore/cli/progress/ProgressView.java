package dev.longshore.cli.progress;

import java.time.Duration;

/** Somewhere to show a transfer. Called by one thread at a time. */
interface ProgressView {

  /** How often it wants to be told. */
  Duration interval();

  void show(ProgressSnapshot now);

  /** The transfer is over, well or not; nothing follows. */
  void end(ProgressSnapshot last);
}
