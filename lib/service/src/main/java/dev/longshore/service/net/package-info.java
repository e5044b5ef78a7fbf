/**
 * Sockets and their limits: the transport (io_uring, epoll or NIO), file regions that are safe on
 * each, token buckets, and why an address could not be bound. Knows no protocol.
 */
@NullMarked
package dev.longshore.service.net;

import org.jspecify.annotations.NullMarked;
