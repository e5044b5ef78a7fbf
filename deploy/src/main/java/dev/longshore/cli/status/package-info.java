/**
 * Who has what: asked of a tracker and an agent at their admin addresses, shown as tables or as
 * JSON. Changes nothing anywhere.
 */
@NullMarked
package dev.longshore.cli.status;

import org.jspecify.annotations.NullMarked;
