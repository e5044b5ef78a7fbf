package dev.longshore.lazy.layers;

import dev.longshore.lazy.device.DeviceKind;
import java.time.Duration;

/**
 * How layers are mounted and filled.
 *
 * @param kind of the devices of layers that are mounted from now on
 * @param lazyAbove compressed bytes that a layer has at least to be filled as it is read; a smaller
 *     one is here as soon when it is fetched whole
 * @param fillInBackground whether what nobody reads is fetched as well
 * @param patience how long a source may fail before a reader does
 */
public record LayerPolicy(
    DeviceKind kind, long lazyAbove, boolean fillInBackground, Duration patience) {}
