package dev.longshore.lazy.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.kernel.PassingSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessageTest {

  static Stream<Message> messages() {
    return Stream.of(
        new Message.Hello(1, 3),
        new Message.Holding("a", DeviceKind.FUSE, Path.of("/fuse/a")),
        new Message.Failed("a", "why \u00e4"),
        new Message.Read(1L << 40, "sha256:aa", 1L << 50, Long.MAX_VALUE),
        new Message.Hold("a", DeviceKind.FANOTIFY, Path.of("/data"), Path.of("/table")),
        new Message.Release("a"),
        new Message.Released("a"),
        new Message.Allow(7),
        new Message.Refuse(8),
        new Message.Exit());
  }

  @ParameterizedTest
  @MethodSource("messages")
  void decode_whatWasEncoded_isTheSame(Message message) {
    assertThat(Message.decode(message.encode())).isEqualTo(message);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void decode_cutOffAnywhere_isRefused(Message message) {
    ByteBuffer whole = message.encode();
    for (int length = 0; length < whole.limit(); length++) {
      ByteBuffer cut = whole.slice(0, length);
      assertThatThrownBy(() -> Message.decode(cut)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void decode_unknownCode_isRefused() {
    assertThatThrownBy(() -> Message.decode(ByteBuffer.wrap(new byte[] {99})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("99");
  }

  @Test
  void encode_longReason_fitsAMessage() {
    Message failed = new Message.Failed("d", "\u20ac".repeat(100_000));

    assertThat(failed.encode().remaining()).isLessThan(PassingSocket.MAX_BYTES);
  }
}
