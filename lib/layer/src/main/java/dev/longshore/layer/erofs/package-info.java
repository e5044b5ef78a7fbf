/**
 * EROFS metadata images: what the kernel mounts to show a layer whose file data lies on a device
 * beside them. Writes bytes only; what is written comes from checked trees.
 */
@NullMarked
package dev.longshore.layer.erofs;

import org.jspecify.annotations.NullMarked;
