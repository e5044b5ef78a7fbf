/** Charts of what was measured, as SVG. */
@NullMarked
package dev.longshore.bench.chart;

import org.jspecify.annotations.NullMarked;
