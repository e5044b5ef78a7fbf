/**
 * What Linux offers a lazy file system and Java does not: mount(2), fanotify's pre-content events,
 * raw descriptors and passing them on. The only package here that calls native code.
 */
@NullMarked
package dev.longshore.lazy.kernel;

import org.jspecify.annotations.NullMarked;
