/**
 * The HTTP face that containerd talks to: what is asked for, ranges, and answers in the registry's
 * own words. Decides nothing about rights or where bytes come from.
 */
@NullMarked
package dev.longshore.agent.mirror;

import org.jspecify.annotations.NullMarked;
