/**
 * What a byte costs on its way through one member at full speed: from a peer or from the source, on
 * each transport, beside a bare loop. Starts real processes on loopback and a temporary folder, and
 * nothing else.
 */
@NullMarked
package dev.longshore.bench.path;

import org.jspecify.annotations.NullMarked;
