package dev.longshore.service.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TransportTest {

  @TempDir private Path folder;

  private static Transport start(Transport.Kind kind) {
    assumeThat(kind.whyUnavailable()).isNull();
    return Transport.choose(TransportChoice.valueOf(kind.name()), "test", 1);
  }

  /** What goes wrong without the guard is shown byte by byte in the HTTP server's suite. */
  @ParameterizedTest
  @EnumSource
  void fileRegion_endsPast2GiB_isNeverGivenToIoUring(Transport.Kind kind) throws Exception {
    long limit = Integer.MAX_VALUE;
    try (Transport transport = start(kind);
        FileChannel file = FileChannel.open(Files.createFile(folder.resolve("file")))) {
      boolean always = kind != Transport.Kind.IO_URING;
      for (long offset : new long[] {limit - 99, 5L << 30}) {
        FileRegion region = transport.fileRegion(file, offset, 100);
        assertThat(region instanceof DefaultFileRegion).isEqualTo(always);
        assertThat(region.position()).isEqualTo(offset);
        assertThat(region.count()).isEqualTo(100);
        region.release();
      }
      FileRegion before = transport.fileRegion(file, limit - 100, 100);
      assertThat(before).isInstanceOf(DefaultFileRegion.class);
      before.release();
      assertThat(file.isOpen()).isTrue();
    }
  }

  @Test
  void choose_auto_isEpollWhereThereIsEpoll() {
    try (Transport transport = Transport.choose(TransportChoice.AUTO, "test", 1)) {
      assertThat(transport.kind())
          .isEqualTo(
              Transport.Kind.EPOLL.isAvailable() ? Transport.Kind.EPOLL : Transport.Kind.NIO);
    }
  }
}
