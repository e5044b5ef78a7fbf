/**
 * What this node and its kernel can do for Longshore, found out by trying where that leaves no
 * trace. May look at everything and change nothing.
 */
@NullMarked
package dev.longshore.cli.doctor;

import org.jspecify.annotations.NullMarked;
