/**
 * A short run of every daemon, in which their JVMs record how they start and what they compile.
 * Starts processes, and touches a temporary folder and the one for the records.
 */
@NullMarked
package dev.longshore.cli.rehearsal;

import org.jspecify.annotations.NullMarked;
