package dev.longshore.layer.device;

/**
 * A run of device bytes and where they come from.
 *
 * @param deviceOffset bytes
 * @param streamOffset in the uncompressed tar stream, bytes
 * @param length bytes, at least 1
 */
public record DeviceExtent(long deviceOffset, long streamOffset, long length) {}
