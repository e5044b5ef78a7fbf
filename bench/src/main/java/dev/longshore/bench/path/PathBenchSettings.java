package dev.longshore.bench.path;

import dev.longshore.service.net.RateLimit;
import dev.longshore.service.net.Transport;
import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.DataSize;
import java.util.List;

/** The settings of {@code bench path}. */
public record PathBenchSettings(
    @Setting(value = "size of the blob", defaultValue = "2GiB") DataSize size,
    @Setting(value = "times that each path is measured, after one to warm up", defaultValue = "3")
        int rounds,
    @Setting(value = "what moves the bytes", defaultValue = "epoll,nio,io_uring")
        List<Transport.Kind> transport,
    @Setting(value = "most that the receiver takes in", defaultValue = "unlimited") RateLimit cap) {

  public PathBenchSettings {
    if (size.bytes() < 1) {
      throw new IllegalArgumentException("--size must be at least 1B, found " + size);
    }
    if (rounds < 1 || rounds > 100) {
      throw new IllegalArgumentException("--rounds must be 1 to 100, found " + rounds);
    }
    transport = List.copyOf(transport);
    if (transport.isEmpty()) {
      throw new IllegalArgumentException("--transport must name one at least");
    }
  }
}
