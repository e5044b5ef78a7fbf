/** Lazy reads through a whole cluster inside the test's process. */
@NullMarked
package dev.longshore.cli.lazy;

import org.jspecify.annotations.NullMarked;
