/**
 * The layer index: a layer's table of contents and its spans in one compact blob; built from a
 * stream, written, read and checked.
 */
@NullMarked
package dev.longshore.layer.index;

import org.jspecify.annotations.NullMarked;
