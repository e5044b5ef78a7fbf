/**
 * Asking members to have an image before it is wanted, and watching them do it. The members fetch;
 * nothing is fetched here.
 */
@NullMarked
package dev.longshore.cli.preheat;

import org.jspecify.annotations.NullMarked;
