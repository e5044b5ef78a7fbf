/**
 * Spans: ranges of a compressed layer that can be inflated on their own. Finds them in one pass
 * over the stream and inflates any of them later. The only package that inflates layers.
 */
@NullMarked
package dev.longshore.layer.span;

import org.jspecify.annotations.NullMarked;
