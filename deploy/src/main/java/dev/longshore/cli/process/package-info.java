/**
 * Other programs as this one starts them: commands that run to their end, and child JVMs that live
 * until they are told to stop. Ends only what it started.
 */
@NullMarked
package dev.longshore.cli.process;

import org.jspecify.annotations.NullMarked;
