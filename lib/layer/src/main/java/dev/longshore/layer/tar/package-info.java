/**
 * Tar streams as layers have them: ustar with PAX and GNU extensions, parsed as they arrive ({@link
 * dev.longshore.layer.tar.TarParser}). Pure parsing; sees no file and no socket.
 */
@NullMarked
package dev.longshore.layer.tar;

import org.jspecify.annotations.NullMarked;
