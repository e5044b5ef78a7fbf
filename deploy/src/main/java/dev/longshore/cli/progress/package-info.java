/**
 * How a transfer is shown while it runs and when it is over: a bar on a terminal, lines elsewhere,
 * JSON for machines. Counts what it is told and asks an agent where bytes came from; moves none.
 */
@NullMarked
package dev.longshore.cli.progress;

import org.jspecify.annotations.NullMarked;
