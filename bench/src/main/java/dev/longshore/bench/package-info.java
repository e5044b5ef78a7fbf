/**
 * The benchmarks, each with its baseline beside it in the same run. This package is the command;
 * what it may touch is everything, and nothing touches it but the command line.
 */
@NullMarked
package dev.longshore.bench;

import org.jspecify.annotations.NullMarked;
