/**
 * HTTP/1.1 GET for bulk bodies: {@link dev.longshore.oci.http.HttpReader} in front, a socket read
 * straight into the caller's buffer behind it. Blocking on purpose, for virtual threads; knows
 * nothing of registries, redirects or credentials.
 */
@NullMarked
package dev.longshore.oci.http;

import org.jspecify.annotations.NullMarked;
