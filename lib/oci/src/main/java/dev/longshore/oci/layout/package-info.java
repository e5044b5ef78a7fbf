/**
 * OCI image layout directories, and moving images between one and a registry. The only package of
 * the image model that touches files; talks to registries through {@code oci.client} alone.
 */
@NullMarked
package dev.longshore.oci.layout;

import org.jspecify.annotations.NullMarked;
