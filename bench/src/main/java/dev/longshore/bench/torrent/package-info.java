/**
 * BitTorrent on loopback, as the baseline of our swarm. Starts aria2 processes and a tracker of its
 * own, and touches nothing but a temporary folder.
 */
@NullMarked
package dev.longshore.bench.torrent;

import org.jspecify.annotations.NullMarked;
