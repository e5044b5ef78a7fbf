/**
 * One class of ours in a package of Chronicle Map, which looks for it there by its name. Touches
 * the bytes it is placed on and nothing else.
 */
@NullMarked
package net.openhft.chronicle.hash;

import org.jspecify.annotations.NullMarked;
