/**
 * The registries behind the mirror: reaching them with the caller's own credentials, who may pull
 * what, and what of their manifests and tags is remembered. Credentials live in memory only.
 */
@NullMarked
package dev.longshore.agent.upstream;

import org.jspecify.annotations.NullMarked;
