/** Sizes, rates, durations and addresses as people write them in settings. Depends on nothing. */
@NullMarked
package dev.longshore.service.unit;

import org.jspecify.annotations.NullMarked;
