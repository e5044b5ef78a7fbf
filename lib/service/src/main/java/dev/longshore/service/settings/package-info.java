/**
 * Typed settings: one annotated record a component, filled from a YAML file with flags over it.
 * Touches nothing but the file it is told to read.
 */
@NullMarked
package dev.longshore.service.settings;

import org.jspecify.annotations.NullMarked;
