/**
 * Asking daemons at their admin addresses: state, metrics, and what a service adds to them. Knows
 * HTTP and JSON, and nothing of what is asked.
 */
@NullMarked
package dev.longshore.cli.admin;

import org.jspecify.annotations.NullMarked;
