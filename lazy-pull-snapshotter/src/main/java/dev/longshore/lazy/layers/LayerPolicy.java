package dev.longshore.lazy.layers;

import dev.longshore.lazy.device.DeviceKind;
import java.time.Duration;

/**
 * How layers are mounted and filled.
 *
 * @param kind of the devices of layers that are mounted from now on
 * @param fillInBackground whether what nobody reads is fetched as well
 * @param patience how long a source may fail before a reader does
 */
public record LayerPolicy(DeviceKind kind, boolean fillInBackground, Duration patience) {}
