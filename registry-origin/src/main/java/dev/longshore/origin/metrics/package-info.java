/** The names of the origin's metrics and the meters behind them; touches only Micrometer. */
@NullMarked
package dev.longshore.origin.metrics;

import org.jspecify.annotations.NullMarked;
