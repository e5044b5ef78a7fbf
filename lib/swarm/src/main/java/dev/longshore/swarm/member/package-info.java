/**
 * What an agent and a seeder have in common: their settings, and starting a member of the swarm
 * from them. Puts the swarm's other packages together and opens nothing itself.
 */
@NullMarked
package dev.longshore.swarm.member;

import org.jspecify.annotations.NullMarked;
