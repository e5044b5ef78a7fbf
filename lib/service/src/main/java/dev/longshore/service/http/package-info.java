/**
 * A small HTTP/1.1 server kit on Netty: answers from memory on the event loop, streams bodies with
 * sendfile and back-pressure, and lends blocking handlers a virtual thread. It has no routes.
 */
@NullMarked
package dev.longshore.service.http;

import org.jspecify.annotations.NullMarked;
