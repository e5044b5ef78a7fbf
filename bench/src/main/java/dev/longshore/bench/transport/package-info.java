/**
 * Every transport, with and without what io_uring has besides, on the three things that our daemons
 * do with one: small answers, pieces in the clear, pieces under TLS. Starts processes of its own on
 * loopback and a temporary folder, around {@code Transport} and {@code HttpServer} as they ship.
 */
@NullMarked
package dev.longshore.bench.transport;

import org.jspecify.annotations.NullMarked;
