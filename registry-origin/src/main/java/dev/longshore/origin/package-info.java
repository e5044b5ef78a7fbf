/**
 * The OCI registry as a daemon: its settings, its start and its wiring. What a registry does is in
 * {@code registry}, how it is asked over HTTP in {@code api}.
 */
@NullMarked
package dev.longshore.origin;

import org.jspecify.annotations.NullMarked;
