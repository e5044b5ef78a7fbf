package dev.longshore.bench.transport;

import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.DataSize;
import java.time.Duration;
import java.util.List;

/** The settings of {@code bench transport}. */
public record TransportBenchSettings(
    @Setting(value = "what is sent over them", defaultValue = "small,clear,tls")
        List<Traffic> traffic,
    @Setting(
            value = "transports, with what is switched on in them",
            defaultValue =
                "epoll,nio,io_uring,io_uring_ring,io_uring_zero_copy,io_uring_ring_zero_copy")
        List<Way> way,
    @Setting(value = "pieces sent each time, together", defaultValue = "1GB") DataSize size,
    @Setting(value = "how long small requests are sent each time", defaultValue = "3s")
        Duration time,
    @Setting(value = "times that each is measured, after one to warm up", defaultValue = "3")
        int rounds) {

  public TransportBenchSettings {
    traffic = List.copyOf(traffic);
    way = List.copyOf(way);
    if (traffic.isEmpty() || way.isEmpty()) {
      throw new IllegalArgumentException("--traffic and --way must name one each at least");
    }
    if (size.bytes() < PieceFile.PIECE || pieces(size) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("--size must be 256KiB to 512TiB, found " + size);
    }
    if (time.toSeconds() < 1) {
      throw new IllegalArgumentException("--time must be at least 1s, found " + time);
    }
    if (rounds < 1 || rounds > 100) {
      throw new IllegalArgumentException("--rounds must be 1 to 100, found " + rounds);
    }
  }

  /** How many pieces that is, rounded up. */
  int pieces() {
    return Math.toIntExact(pieces(size));
  }

  private static long pieces(DataSize size) {
    return Math.ceilDiv(size.bytes(), PieceFile.PIECE);
  }
}
