/**
 * The registry client: {@link dev.longshore.oci.client.RegistryClient} in front, one small class a
 * wire operation behind it. Blocking on purpose, for virtual threads; sockets by the JDK's HTTP
 * client, the bodies of blobs by {@link dev.longshore.oci.http.HttpReader}, files never except a
 * docker config.
 */
@NullMarked
package dev.longshore.oci.client;

import org.jspecify.annotations.NullMarked;
