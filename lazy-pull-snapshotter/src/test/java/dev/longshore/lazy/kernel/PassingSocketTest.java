package dev.longshore.lazy.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassingSocketTest {
  @TempDir Path folder;
  private PassingSocket listening;
  private PassingSocket client;
  private PassingSocket server;

  @BeforeEach
  void connect() throws IOException {
    Path path = folder.resolve("socket");
    listening = PassingSocket.listen(path);
    client = PassingSocket.connect(path);
    server = listening.accept();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    listening.close();
  }

  @Test
  void send_messages_keepTheirBounds() throws IOException {
    client.send(text("one"));
    client.send(text("and two"));

    assertThat(text(server.receive())).isEqualTo("one");
    assertThat(text(server.receive())).isEqualTo("and two");
  }

  @Test
  void send_longestMessage_arrivesWhole() throws IOException {
    byte[] longest = new byte[PassingSocket.MAX_BYTES];
    longest[longest.length - 1] = 1;

    client.send(ByteBuffer.wrap(longest));

    assertThat(server.receive().content()).isEqualTo(ByteBuffer.wrap(longest));
  }

  @Test
  void send_withADescriptor_isTheSameFileAtTheOtherSide() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "content");

    try (Descriptor passed = Descriptor.open(file, Descriptor.READ_ONLY)) {
      client.send(text("here"), passed);
    }

    PassingSocket.Message message = server.receive();
    try (Descriptor received = message.passed().orElseThrow();
        Arena arena = Arena.ofConfined()) {
      MemorySegment content = arena.allocate(100);
      assertThat(text(message)).isEqualTo("here");
      assertThat(received.read(content, 3)).isEqualTo(4);
      assertThat(content.asSlice(0, 4).toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo("tent".getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void receive_withoutDescriptor_hasNone() throws IOException {
    client.send(text("nothing"));

    assertThat(server.receive().passed()).isEmpty();
  }

  @Test
  void receive_otherSideGone_isTheEnd() throws IOException {
    client.close();

    assertThatThrownBy(server::receive).isInstanceOf(EOFException.class);
  }

  @Test
  void shutdown_somebodyReceives_isWoken() throws Exception {
    CompletableFuture<Void> waiting =
        CompletableFuture.runAsync(
            () -> assertThatThrownBy(server::receive).isInstanceOf(EOFException.class));

    server.shutdown();

    waiting.get(10, TimeUnit.SECONDS);
  }

  @Test
  void connect_nobodyListens_saysWhere() {
    Path nowhere = folder.resolve("nowhere");

    assertThatThrownBy(() -> PassingSocket.connect(nowhere))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining(nowhere.toString());
  }

  @Test
  void listen_pathTooLong_saysSo() {
    Path tooLong = folder.resolve("x".repeat(110));

    assertThatThrownBy(() -> PassingSocket.listen(tooLong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("107");
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(PassingSocket.Message message) {
    return StandardCharsets.UTF_8.decode(message.content()).toString();
  }
}
