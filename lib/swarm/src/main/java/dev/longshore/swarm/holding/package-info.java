/**
 * What this member holds beyond the downloads under way: telling the others of it, and remembering
 * where each blob came from. Touches one small file and the store's list.
 */
@NullMarked
package dev.longshore.swarm.holding;

import org.jspecify.annotations.NullMarked;
