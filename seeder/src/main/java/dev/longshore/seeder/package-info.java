/**
 * The seeder: takes up blobs that agents want, reads each from its source about once, signs maps
 * for those that have none, and stays as a holder. Puts the library parts together; holds no
 * protocol.
 */
@NullMarked
package dev.longshore.seeder;

import org.jspecify.annotations.NullMarked;
