package dev.longshore.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.service.unit.DataRate;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class RelayTest {
  private static final int SIZE = 1_000_000;

  @Test
  void limiting_twoConnections_shareTheRate() throws Exception {
    try (ServerSocket server = serving();
        Relay relay = Relay.limiting(address(server), DataRate.parse("4MB/s"));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long begin = System.nanoTime();
      var other = threads.submit(() -> read(relay));
      assertThat(read(relay) + other.get()).isEqualTo(2L * SIZE);
      // 2 MB less the burst of a tenth of a second.
      assertThat(seconds(begin)).isGreaterThan(0.35);
    }
  }

  @Test
  void delaying_oneConnection_waitsForTheHandshakeAndTheWayBothWays() throws Exception {
    try (ServerSocket server = serving();
        Relay relay = Relay.delaying(address(server), Duration.ofMillis(50))) {
      long begin = System.nanoTime();
      assertThat(read(relay)).isEqualTo(SIZE);
      assertThat(seconds(begin)).isGreaterThan(0.15);
    }
  }

  @Test
  void limiting_clientHangsUp_theServerIsLetGo() throws Exception {
    CompletableFuture<IOException> cutOff = new CompletableFuture<>();
    try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Relay relay = Relay.limiting(address(server), DataRate.parse("1MB/s"))) {
      Thread.ofVirtual()
          .start(() -> {
            try (Socket socket = server.accept()) {
              while (true) {
                socket.getOutputStream().write(new byte[SIZE]);
              }
            } catch (IOException e) {
              cutOff.complete(e);
            }
          });
      try (Socket client = new Socket(relay.address().host(), relay.address().port())) {
        assertThat(client.getInputStream().readNBytes(10)).hasSize(10);
      }
      assertThat(cutOff.get()).isInstanceOf(IOException.class);
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static HostAndPort address(ServerSocket server) {
    return new HostAndPort(server.getInetAddress().getHostAddress(), server.getLocalPort());
  }

  private static long read(Relay relay) throws IOException {
    try (Socket socket = new Socket(relay.address().host(), relay.address().port())) {
      return socket.getInputStream().readAllBytes().length;
    }
  }

  /** A server that sends {@link #SIZE} bytes to whoever connects. */
  private static ServerSocket serving() throws IOException {
    ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(() -> {
          try {
            while (true) {
              try (Socket socket = server.accept()) {
                socket.getOutputStream().write(new byte[SIZE]);
              }
            }
          } catch (IOException e) {
            // the test is over
          }
        });
    return server;
  }
}
