/**
 * Having images before they are wanted: the queue of blobs to fetch, and the endpoint at a member's
 * admin address that fills it. Knows neither where blobs come from nor how they are kept.
 */
@NullMarked
package dev.longshore.swarm.preheat;

import org.jspecify.annotations.NullMarked;
