package dev.longshore.lazy.keeper;

import dev.longshore.lazy.device.DeviceKind;
import org.junit.jupiter.api.Tag;

@Tag("node")
final class KeeperFuseTest extends KeeperSuite {
  @Override
  DeviceKind kind() {
    return DeviceKind.FUSE;
  }
}
