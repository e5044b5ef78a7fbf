/**
 * The origin beside CNCF distribution and nginx, all serving the same content under the same load.
 * Starts real processes on loopback and a temporary folder, and nothing else.
 */
@NullMarked
package dev.longshore.bench.origin;

import org.jspecify.annotations.NullMarked;
