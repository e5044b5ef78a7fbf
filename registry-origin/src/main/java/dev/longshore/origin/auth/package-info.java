/**
 * Who a client is: the accounts, their passwords and what a request's Authorization header proves.
 * May touch the metadata; the HTTP of it is in {@code api}.
 */
@NullMarked
package dev.longshore.origin.auth;

import org.jspecify.annotations.NullMarked;
