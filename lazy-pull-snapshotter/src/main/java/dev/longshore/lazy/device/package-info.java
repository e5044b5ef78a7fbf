/**
 * The device that an EROFS mount reads: a sparse file, what of it is filled, and how the rest gets
 * filled when somebody reads it.
 */
@NullMarked
package dev.longshore.lazy.device;

import org.jspecify.annotations.NullMarked;
