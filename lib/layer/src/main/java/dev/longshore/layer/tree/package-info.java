/**
 * The file tree that the entries of one layer make, checked, with whiteouts in overlayfs's own
 * form. Pure values.
 */
@NullMarked
package dev.longshore.layer.tree;

import org.jspecify.annotations.NullMarked;
