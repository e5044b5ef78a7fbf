/**
 * Piece maps: how a blob is cut into pieces, the hash of each, and the signature that vouches for
 * them; and which blob is a layer's index, signed likewise. Pure values and hashing; touches no
 * file and no socket.
 */
@NullMarked
package dev.longshore.piece;

import org.jspecify.annotations.NullMarked;
