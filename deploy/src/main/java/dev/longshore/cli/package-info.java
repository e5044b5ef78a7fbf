/**
 * The command line: one class a command, and the entry point that hands a daemon its own arguments.
 * May see every part of Longshore; nothing sees it.
 */
@NullMarked
package dev.longshore.cli;

import org.jspecify.annotations.NullMarked;
