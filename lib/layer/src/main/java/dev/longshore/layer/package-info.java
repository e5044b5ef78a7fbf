/**
 * What makes an image layer lazy: where each file lies in the layer's tar stream, and from where
 * that stream can be inflated. Pure values and parsing; the device that a kernel reads is filled
 * elsewhere.
 */
@NullMarked
package dev.longshore.layer;

import org.jspecify.annotations.NullMarked;
