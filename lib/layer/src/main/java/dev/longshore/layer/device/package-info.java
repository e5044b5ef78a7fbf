/**
 * Where the files of a layer lie on the device that an EROFS mount reads, and where those bytes
 * come from. Pure arithmetic, the same on every node.
 */
@NullMarked
package dev.longshore.layer.device;

import org.jspecify.annotations.NullMarked;
