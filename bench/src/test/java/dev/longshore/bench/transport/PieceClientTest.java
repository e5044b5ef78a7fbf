package dev.longshore.bench.transport;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pieces from a real sender to a real receiver, each way to move and to send them. */
final class PieceClientTest {
  @TempDir private Path folder;

  @BeforeEach
  void make() throws Exception {
    PieceFile.create(folder.resolve("pieces"), 5);
    MutualTls.createKeys(folder.resolve("keys"));
  }

  private PartConfig config(Way way) {
    assumeThat(way.kind().whyUnavailable()).isNull();
    return new PartConfig(
        PartConfig.ANY_PORT, way, folder.resolve("pieces"), folder.resolve("keys"));
  }

  @ParameterizedTest
  @EnumSource
  void receive_checked_everyPieceIsRight(Way way) throws Exception {
    try (PieceServer sender = PieceServer.start(config(way));
        PieceClient receiver = PieceClient.start(config(way))) {
      for (Sending sending : Sending.values()) {
        var from = sender.addresses().get(sending.setting());
        if (from != null) {
          assertThat(receiver.receive(from, sending, 33, true)).as(sending.setting()).isPositive();
        }
      }
    }
  }

  @Test
  void receive_wrongByte_isNoticedWhenChecked() throws Exception {
    try (PieceServer sender = PieceServer.start(config(Way.NIO));
        PieceClient receiver = PieceClient.start(config(Way.NIO))) {
      try (var file = new RandomAccessFile(folder.resolve("pieces").toFile(), "rw")) {
        file.seek(PieceFile.offset(3) + 7);
        int was = file.read();
        file.seek(PieceFile.offset(3) + 7);
        file.write(~was);
      }
      var from = requireNonNull(sender.addresses().get("buffers"));

      assertThatThrownBy(() -> receiver.receive(from, Sending.BUFFERS, 5, true))
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("piece 3 came with wrong bytes");
    }
  }

  @Test
  void receive_fileCutShort_saysHowFarItCame() throws Exception {
    try (PieceServer sender = PieceServer.start(config(Way.NIO));
        PieceClient receiver = PieceClient.start(config(Way.NIO))) {
      try (var file = new RandomAccessFile(folder.resolve("pieces").toFile(), "rw")) {
        file.setLength(PieceFile.offset(2));
      }
      var from = requireNonNull(sender.addresses().get("buffers"));

      assertThatThrownBy(() -> receiver.receive(from, Sending.BUFFERS, 5, false))
          .hasMessageContaining("after 2 of 5 pieces");
    }
  }
}
