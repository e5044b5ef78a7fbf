package dev.longshore.lazy.layers;

import dev.longshore.lazy.device.DeviceKind;
import org.junit.jupiter.api.Tag;

@Tag("node")
final class NodeLayersFanotifyTest extends LazyLayersSuite {
  @Override
  DeviceKind kind() {
    return DeviceKind.FANOTIFY;
  }
}
