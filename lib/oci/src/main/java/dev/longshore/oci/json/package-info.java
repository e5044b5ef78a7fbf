/**
 * JSON from strangers, read under hard bounds; the only place that configures Jackson. For the
 * {@code dev.longshore.oci} packages alone: nothing outside them sees a Jackson type.
 */
@NullMarked
package dev.longshore.oci.json;

import org.jspecify.annotations.NullMarked;
