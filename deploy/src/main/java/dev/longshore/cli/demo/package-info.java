/**
 * The demo: the whole system on one machine, on a real image, with an account of who got what from
 * whom. Starts the daemons as separate processes and talks to them only as anybody could.
 */
@NullMarked
package dev.longshore.cli.demo;

import org.jspecify.annotations.NullMarked;
