package dev.longshore.oci.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes over the wire, byte by byte. */
final class HttpReaderTest {
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final String TWO = OK + "Content-Length: 3\r\n\r\ntwo";

  private final ScriptedServer server;
  private final HttpReader reader;

  HttpReaderTest() throws IOException, NoSuchAlgorithmException {
    server = new ScriptedServer();
    reader = reader(Duration.ofSeconds(20));
  }

  private static HttpReader reader(Duration readTimeout) throws NoSuchAlgorithmException {
    return new HttpReader(SSLContext.getDefault(), Duration.ofSeconds(5), readTimeout);
  }

  @AfterEach
  void close() throws IOException {
    reader.close();
    server.close();
  }

  private String get(String path) throws IOException {
    try (HttpAnswer answer = reader.get(server.uri(path), Map.of())) {
      return new String(answer.body().readAllBytes(), UTF_8);
    }
  }

  /** One request after the other gets these bodies, over so many connections in all. */
  private void assertAnswers(int connections, String... bodies) throws IOException {
    for (String body : bodies) {
      assertThat(get("/")).isEqualTo(body);
    }
    assertThat(server.connections).hasValue(connections);
  }

  @Test
  void get_answerWithLength_givesStatusHeadersAndBody() throws Exception {
    server.answer("HTTP/1.1 206 Some\r\nContent-Length: 5\r\nETag:  \"x\" \r\n\r\nhello");
    try (HttpAnswer answer = reader.get(server.uri("/a?b=c"), Map.of("Range", "bytes=1-5"))) {
      assertThat(answer.status()).isEqualTo(206);
      assertThat(answer.headers().firstValue("etag")).contains("\"x\"");
      assertThat(answer.body().readAllBytes()).isEqualTo("hello".getBytes(UTF_8));
    }
    assertThat(server.requests)
        .singleElement()
        .asString()
        .startsWith("GET /a?b=c HTTP/1.1\nHost: 127.0.0.1:")
        .contains("\nRange: bytes=1-5\n");
  }

  @Test
  void get_largeBodyIntoDirectBuffer_givesEveryByte() throws Exception {
    byte[] content = new byte[9_000_001];
    new Random(5).nextBytes(content);
    ByteArrayOutputStream answerBytes = new ByteArrayOutputStream();
    answerBytes.writeBytes((OK + "Content-Length: 9000001\r\n\r\n").getBytes(ISO_8859_1));
    answerBytes.writeBytes(content);
    server.answer(answerBytes.toByteArray());

    ByteBuffer target = ByteBuffer.allocateDirect(content.length + 10);
    try (HttpAnswer answer = reader.get(server.uri("/"), Map.of())) {
      while (answer.body().read(target) >= 0) {
        assertThat(target.hasRemaining()).isTrue();
      }
    }
    assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(content));
  }

  @Test
  void get_bodyReadToItsLength_usesTheConnectionAgain() throws Exception {
    server.answer(OK, "Content-Length: 3\r\n\r\none").answer(TWO);
    assertAnswers(1, "one", "two");
  }

  @Test
  void get_connectionClosedMeanwhile_sendsOnAFreshOne() throws Exception {
    server.answerAndClose(OK, "Content-Length: 3\r\n\r\none").answer(TWO);
    assertAnswers(2, "one", "two");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1 200 OK\r\nConnection: close", "HTTP/1.0 200 OK"})
  void get_serverDoesNotKeepTheConnection_opensAnother(String head) throws Exception {
    server.answer(head, "\r\nContent-Length: 3\r\n\r\none").answer(TWO);
    assertAnswers(2, "one", "two");
  }

  @Test
  void get_chunkedBody_isPutTogetherAndKeepsTheConnection() throws Exception {
    server
        .answer(
            OK,
            "Transfer-Encoding: chunked\r\n\r\n",
            "4;name=value\r\nWiki\r\nA\r\npedia in c\r\n6\r\nhunks.\r\n0\r\nTrailer: x\r\n\r\n")
        .answer(TWO);
    assertAnswers(1, "Wikipedia in chunks.", "two");
  }

  @Test
  void get_lengthAndChunked_believesTheChunksAndNotTheConnection() throws Exception {
    server
        .answer(OK, "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n0\r\n\r\n")
        .answer(TWO);
    assertAnswers(2, "Wiki", "two");
  }

  @Test
  void get_noLength_readsUntilTheConnectionEnds() throws Exception {
    server.answerAndClose(OK, "\r\nall there is");
    assertThat(get("/")).isEqualTo("all there is");
  }

  @Test
  void get_interimAnswer_isReadPast() throws Exception {
    server.answer("HTTP/1.1 103 Early\r\nLink: x\r\n\r\n", OK, "Content-Length: 2\r\n\r\nok");
    assertThat(get("/")).isEqualTo("ok");
  }

  @Test
  void get_noContent_hasAnEmptyBody() throws Exception {
    server
        .answer("HTTP/1.1 204 None\r\n\r\n")
        .answer("HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n")
        .answer(OK, "Content-Length: 0\r\n\r\n");
    assertAnswers(1, "", "", "");
  }

  @Test
  void read_bodyShorterThanItsLength_fails() throws Exception {
    server.answerAndClose(OK, "Content-Length: 10\r\n\r\nhalf");
    assertThatThrownBy(() -> get("/"))
        .isInstanceOf(EOFException.class)
        .hasMessageContaining("6 bytes before the end");
  }

  @ParameterizedTest
  @ValueSource(strings = {"4\r\nWi", "4\r\nWiki\r\n", "4"})
  void read_chunksCutOff_fails(String chunks) throws Exception {
    server.answerAndClose(OK, "Transfer-Encoding: chunked\r\n\r\n", chunks);
    assertThatThrownBy(() -> get("/")).isInstanceOf(EOFException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x\r\n", "-1\r\n", "\r\n", "4\r\nWikipedia", "fffffffffffffffff\r\n"})
  void read_malformedChunks_fails(String chunks) throws Exception {
    server.answerAndClose(OK, "Transfer-Encoding: chunked\r\n\r\n", chunks);
    assertThatThrownBy(() -> get("/")).isInstanceOf(IOException.class);
  }

  @Test
  void read_serverFallsSilent_timesOut() throws Exception {
    server.answer(OK, "Content-Length: 10\r\n\r\nhalf");
    try (HttpReader impatient = reader(Duration.ofMillis(200));
        HttpAnswer answer = impatient.get(server.uri("/"), Map.of())) {
      ByteBuffer target = ByteBuffer.allocateDirect(10);
      assertThatThrownBy(
              () -> {
                while (target.hasRemaining()) {
                  assertThat(answer.body().read(target)).isPositive();
                }
              })
          .isInstanceOf(HttpTimeoutException.class)
          .hasMessageContaining("no byte arrived within 200 ms");
      assertThat(target.position()).isEqualTo(4);
    }
  }

  @Test
  void get_serverFallsSilentInTheHead_timesOut() throws Exception {
    server.answer("HTTP/1.1 200");
    try (HttpReader impatient = reader(Duration.ofMillis(200))) {
      assertThatThrownBy(() -> impatient.get(server.uri("/"), Map.of()))
          .isInstanceOf(HttpTimeoutException.class);
    }
    assertThat(server.clientCloses()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 101 Switching\r\n\r\n",
      })
  void get_answerThatIsNone_failsAndClosesTheConnection(String answer) throws Exception {
    server.answer(answer);
    assertThatThrownBy(() -> reader.get(server.uri("/"), Map.of())).isInstanceOf(IOException.class);
    assertThat(server.clientCloses()).isTrue();
  }

  @Test
  void get_headWithoutEnd_isGivenUp() throws Exception {
    server.answer(OK, "A: " + "b".repeat(100_000));
    assertThatThrownBy(() -> reader.get(server.uri("/"), Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too long");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 103 Early\r\n\r\nHTTP/1.1 103 Early\r\n\r\n",
      })
  void get_headDripped_timesOut(String head) throws Exception {
    server.drip(head);
    try (HttpReader impatient = reader(Duration.ofMillis(200))) {
      assertThatThrownBy(() -> impatient.get(server.uri("/"), Map.of()))
          .isInstanceOf(HttpTimeoutException.class)
          .hasMessageContaining("within 200 ms");
    }
    assertThat(server.clientCloses()).isTrue();
  }

  @Test
  void get_interimAnswersWithoutEnd_areGivenUp() throws Exception {
    server.answer("HTTP/1.1 103 Early\r\n\r\n".repeat(10_000));
    assertThatThrownBy(() -> reader.get(server.uri("/"), Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too long");
  }

  @Test
  void read_chunkExtensionWithoutEnd_isGivenUp() throws Exception {
    server.answer(OK, "Transfer-Encoding: chunked\r\n\r\n", "4;" + "x".repeat(100_000));
    assertThatThrownBy(() -> get("/"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too long");
    assertThat(server.clientCloses()).isTrue();
  }

  @Test
  void read_trailersWithoutEnd_areGivenUp() throws Exception {
    server.answer(OK, "Transfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n".repeat(10_000));
    assertThatThrownBy(() -> get("/"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("trailers");
    assertThat(server.clientCloses()).isTrue();
  }

  @Test
  void get_moreThanTheLengthSays_isNotTakenForTheNextAnswer() throws Exception {
    server
        .answer(OK, "Content-Length: 3\r\n\r\none", OK, "Content-Length: 5\r\n\r\nwrong")
        .answer(TWO);
    assertAnswers(2, "one", "two");
  }

  @Test
  void get_nobodyListens_fails() throws Exception {
    URI nobody = server.uri("/");
    server.close();
    assertThatThrownBy(() -> reader.get(nobody, Map.of())).isInstanceOf(IOException.class);
  }

  @Test
  void get_headerThatWouldEndItsLine_isRefused() {
    assertThatThrownBy(() -> reader.get(server.uri("/"), Map.of("A", "b\r\nC: d")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> reader.get(URI.create("ftp://127.0.0.1/"), Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void close_bodyNotReadToItsEnd_closesTheConnection() throws Exception {
    server.answer(OK, "Content-Length: 10\r\n\r\nhalf");
    HttpAnswer answer = reader.get(server.uri("/"), Map.of());
    answer.close();
    assertThat(server.clientCloses()).isTrue();
    assertThatThrownBy(() -> answer.body().read()).hasMessageContaining("closed");
  }

  @Test
  void read_interrupted_saysSo() throws Exception {
    server.answer(OK, "Content-Length: 10\r\n\r\nhalf");
    CountDownLatch reading = new CountDownLatch(1);
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try (HttpAnswer answer = reader.get(server.uri("/"), Map.of())) {
                assertThat(answer.body().readNBytes(4)).hasSize(4);
                reading.countDown();
                failure.completeExceptionally(new AssertionError(answer.body().read()));
              } catch (IOException e) {
                failure.complete(e);
              }
            });
    assertThat(reading.await(10, TimeUnit.SECONDS)).isTrue();
    thread.interrupt();
    assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
  }

  @Test
  void close_whileSomebodyReads_endsTheRead() throws Exception {
    server.answer(OK, "Content-Length: 10\r\n\r\nhalf");
    HttpAnswer answer = reader.get(server.uri("/"), Map.of());
    assertThat(answer.body().readNBytes(4)).hasSize(4);
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            failure.completeExceptionally(new AssertionError(answer.body().read()));
          } catch (IOException e) {
            failure.complete(e);
          }
        });
    reader.close();
    assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> reader.get(server.uri("/"), Map.of()))
        .hasMessageContaining("is closed");
  }
}
