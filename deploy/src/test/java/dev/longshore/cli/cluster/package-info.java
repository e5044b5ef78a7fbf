/** A cluster inside the test's process: real services on free ports of the loopback address. */
@NullMarked
package dev.longshore.cli.cluster;

import org.jspecify.annotations.NullMarked;
