/**
 * The OCI distribution API over HTTP, with Longshore's piece maps beside it: reads requests, asks
 * {@code registry}, writes answers. May touch every other package of the origin but no file or row.
 */
@NullMarked
package dev.longshore.origin.api;

import org.jspecify.annotations.NullMarked;
