/**
 * What every daemon shares: settings, transport choice, rate limits, the admin endpoint and a clean
 * start and stop. Depends on no other part of Longshore.
 */
@NullMarked
package dev.longshore.service;

import org.jspecify.annotations.NullMarked;
