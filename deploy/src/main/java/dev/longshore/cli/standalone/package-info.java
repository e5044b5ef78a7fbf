/**
 * Origin, tracker and agent in one process, wired to each other: the embedded default for one
 * machine and for trying things out.
 */
@NullMarked
package dev.longshore.cli.standalone;

import org.jspecify.annotations.NullMarked;
