package dev.longshore.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.service.LeakWatch;
import dev.longshore.service.net.ListenFailedException;
import dev.longshore.service.net.Transport;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.unit.HostAndPort;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the server does over every transport. */
@ExtendWith(LeakWatch.class)
abstract class HttpServerSuite {

  private static final HostAndPort LOOPBACK = new HostAndPort("127.0.0.1", 0);

  @TempDir Path folder;
  private Transport transport;
  private @Nullable HttpServer server;
  private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
  private final CountDownLatch release = new CountDownLatch(1);

  abstract TransportChoice choice();

  Transport open() {
    return Transport.choose(choice(), "test", 1);
  }

  /** Whether a client whose body nobody reads is stopped by that; what it sent arrives anyhow. */
  boolean holdsBack() {
    return true;
  }

  private HttpServer server() {
    return Objects.requireNonNull(server);
  }

  /** For futures whose failure shows at the client. */
  private static void unwatched(Future<?> future) {
    assertThat(future).isNotNull();
  }

  @BeforeEach
  void start() {
    var kind =
        switch (choice()) {
          case IO_URING -> Transport.Kind.IO_URING;
          case EPOLL -> Transport.Kind.EPOLL;
          case NIO, AUTO -> Transport.Kind.NIO;
        };
    assumeTrue(kind.isAvailable(), () -> kind + " cannot run here: " + kind.whyUnavailable());
    transport = open();
  }

  @AfterEach
  void stop() {
    release.countDown();
    if (server != null) {
      server.close();
    }
    if (transport != null) {
      transport.close();
    }
  }

  private HostAndPort serve(HttpServerConfig config, HttpHandler handler) throws IOException {
    server =
        HttpServer.bind(
            config,
            transport,
            handler,
            (exchange, failure) -> {
              failures.add(failure);
              ErrorMapper.plainText().answer(exchange, failure);
            });
    return server.address();
  }

  private HostAndPort serve(HttpHandler handler) throws IOException {
    return serve(config(), handler);
  }

  private static HttpServerConfig config() {
    return HttpServerConfig.of("listen", LOOPBACK);
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, UTF_8);
  }

  private static void ok(HttpExchange exchange, String text) {
    exchange.respond(HttpResponseStatus.OK, new DefaultHttpHeaders(), bytes(text));
  }

  private static void echo(HttpExchange exchange) {
    exchange.fork(() -> ok(exchange, new String(exchange.body().readAll(1 << 20), UTF_8)));
  }

  /** Reads the body and answers its length and checksum. */
  private static void digest(HttpExchange exchange) {
    exchange.fork(() -> {
      var crc = new CRC32C();
      long length = 0;
      for (ByteBuf b = exchange.body().read(); b != null; b = exchange.body().read()) {
        length += b.readableBytes();
        crc.update(b.nioBuffer());
        b.release();
      }
      ok(exchange, length + " " + crc.getValue());
    });
  }

  @Test
  void respond_onTheEventLoop_keepsTheConnection() throws Exception {
    HostAndPort at = serve(e -> ok(e, e.method() + " " + e.path() + " " + e.query().all("n")));
    try (var client = new RawClient(at)) {
      var first = client.get("/v2/a%2Fb?n=1&n=2");
      assertThat(first.status()).isEqualTo(200);
      assertThat(first.text()).isEqualTo("GET /v2/a%2Fb [1, 2]");
      assertThat(first.headers()).containsKey("date").doesNotContainKey("connection");
      assertThat(client.get("/second").text()).isEqualTo("GET /second []");
    }
  }

  @Test
  void respond_head_sendsLengthWithoutContent() throws Exception {
    HostAndPort at =
        serve(e -> {
          if (e.path().equals("/big")) {
            e.respondHead(HttpResponseStatus.OK, new DefaultHttpHeaders(), 5_000_000_000L);
          } else {
            ok(e, "hello");
          }
        });
    try (var client = new RawClient(at)) {
      client.send("HEAD / HTTP/1.1\r\nHost: t\r\n\r\nHEAD /big HTTP/1.1\r\nHost: t\r\n\r\n");
      assertThat(client.answer(true).headers()).containsEntry("content-length", "5");
      assertThat(client.answer(true).headers()).containsEntry("content-length", "5000000000");
      assertThat(client.get("/").text()).isEqualTo("hello");
    }
  }

  @Test
  void respond_pipelinedAndSlow_answersInOrder() throws Exception {
    // Odd ones answer from a virtual thread, later than the even ones behind them could.
    HostAndPort at =
        serve(e -> {
          int n = Integer.parseInt(e.path().substring(1));
          if (n % 2 == 0) {
            ok(e, "n" + n);
          } else {
            e.fork(() -> ok(e, "n" + n));
          }
        });
    try (var client = new RawClient(at)) {
      var all = new StringBuilder();
      for (int i = 0; i < 100; i++) {
        all.append("GET /").append(i).append(" HTTP/1.1\r\nHost: t\r\n\r\n");
      }
      client.send(all.toString());
      for (int i = 0; i < 100; i++) {
        assertThat(client.answer().text()).isEqualTo("n" + i);
      }
    }
  }

  @Test
  void respond_pipelinedWithBodies_keepsThemApart() throws Exception {
    HostAndPort at = serve(HttpServerSuite::echo);
    try (var client = new RawClient(at)) {
      var all = new StringBuilder();
      for (int i = 0; i < 40; i++) {
        all.append("PUT / HTTP/1.1\r\nHost: t\r\n");
        String body = "body " + i;
        if (i % 2 == 0) {
          all.append("Content-Length: ").append(body.length()).append("\r\n\r\n").append(body);
        } else {
          all.append("Transfer-Encoding: chunked\r\n\r\n")
              .append(Integer.toHexString(body.length()))
              .append("\r\n")
              .append(body)
              .append("\r\n0\r\n\r\n");
        }
      }
      client.send(all.toString());
      for (int i = 0; i < 40; i++) {
        assertThat(client.answer().text()).isEqualTo("body " + i);
      }
    }
  }

  @Test
  void respond_clientThatNeverReads_isNotServedWithoutBound() throws Exception {
    byte[] megabyte = new byte[1 << 20];
    var handled = new java.util.concurrent.atomic.AtomicInteger();
    HostAndPort at =
        serve(e -> {
          handled.incrementAndGet();
          e.respond(
              HttpResponseStatus.OK, new DefaultHttpHeaders(), Unpooled.wrappedBuffer(megabyte));
        });
    try (var client = new RawClient(at)) {
      client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n".repeat(200));
      assertThat(client.answer().body()).hasSize(1 << 20);
      assertThat(handled.get()).isLessThan(50);
      for (int i = 1; i < 200; i++) {
        assertThat(client.answer().body()).hasSize(1 << 20);
      }
    }
  }

  @Test
  void respond_http10_closesUnlessAskedToKeep() throws Exception {
    HostAndPort at = serve(e -> ok(e, "old"));
    try (var client = new RawClient(at)) {
      client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      assertThat(client.answer().headers()).containsEntry("connection", "keep-alive");
      client.send("GET / HTTP/1.0\r\n\r\n");
      assertThat(client.answer().text()).isEqualTo("old");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void start_chunked_arrivesWhole() throws Exception {
    HostAndPort at =
        serve(e ->
            e.fork(() -> {
              var body = e.start(HttpResponseStatus.OK, new DefaultHttpHeaders(), -1);
              for (int i = 0; i < 1_000; i++) {
                body.write(bytes("line " + i + "\n")).get();
              }
              body.end().get();
            }));
    try (var client = new RawClient(at)) {
      var answer = client.get("/");
      assertThat(answer.headers()).containsEntry("transfer-encoding", "chunked");
      assertThat(answer.text().lines()).hasSize(1_000).last().isEqualTo("line 999");
      client.send("GET / HTTP/1.0\r\n\r\n");
      var old = client.answer();
      assertThat(old.headers()).doesNotContainKey("transfer-encoding");
      assertThat(old.text().lines()).hasSize(1_000);
    }
  }

  @Test
  void start_tooShortOrTooLong_isCutOff() throws Exception {
    HostAndPort at =
        serve(e ->
            e.fork(() -> {
              var body = e.start(HttpResponseStatus.OK, new DefaultHttpHeaders(), 10);
              var _ =
                  e.path().equals("/short")
                      ? body.write(bytes("12345")).thenCompose(v -> body.end())
                      : body.write(bytes("12345678901"));
            }));
    for (String path : new String[] {"/short", "/long"}) {
      try (var client = new RawClient(at)) {
        var head = headThenClose(client, path);
        assertThat(head.length).as(path).isLessThan(10);
      }
    }
  }

  private static byte[] headThenClose(RawClient client, String path) throws IOException {
    client.send("GET " + path + " HTTP/1.1\r\nHost: t\r\n\r\n");
    try {
      client.head();
      return client.in().readAllBytes();
    } catch (IOException e) {
      return new byte[0]; // cut off before even the headers left
    }
  }

  @Test
  void sendFile_ranges_sendTheirBytesAndLeaveTheFileOpen() throws Exception {
    byte[] content = new byte[3_000_000];
    new Random(7).nextBytes(content);
    Path path = folder.resolve("blob");
    java.nio.file.Files.write(path, content);
    try (var file = FileChannel.open(path, StandardOpenOption.READ)) {
      HostAndPort at =
          serve(e -> {
            var body = e.start(HttpResponseStatus.OK, new DefaultHttpHeaders(), content.length);
            unwatched(
                body.sendFile(file, 0, 1_000_000)
                    .thenCompose(v -> body.sendFile(file, 1_000_000, 1))
                    .thenCompose(v -> body.sendFile(file, 1_000_001, 1_999_999))
                    .thenCompose(v -> body.end()));
          });
      try (var client = new RawClient(at)) {
        assertThat(client.get("/").body()).isEqualTo(content);
        assertThat(client.get("/").body()).isEqualTo(content);
      }
      assertThat(file.isOpen()).isTrue();
    }
  }

  @Test
  void sendFile_beyond2And4GiB_sendsTheRightBytes() throws Exception {
    long[] marks = {1L << 30, (5L << 30) / 2, 5L << 30};
    Path path = folder.resolve("sparse");
    try (var file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      for (long mark : marks) {
        file.write(ByteBuffer.wrap(("mark at " + mark).getBytes(UTF_8)), mark);
      }
      file.write(ByteBuffer.wrap(new byte[1]), (5L << 30) + (1 << 20));
      HostAndPort at =
          serve(e -> {
            long offset = Long.parseLong(e.query().first("offset").orElseThrow());
            long length = Long.parseLong(e.query().first("length").orElseThrow());
            var body = e.start(HttpResponseStatus.OK, new DefaultHttpHeaders(), length);
            unwatched(body.sendFile(file, offset, length).thenCompose(v -> body.end()));
          });
      try (var client = new RawClient(at)) {
        for (long mark : marks) {
          String expected = "mark at " + mark;
          var answer = client.get("/?offset=" + mark + "&length=" + expected.length());
          assertThat(answer.text()).isEqualTo(expected);
          var around = client.get("/?offset=" + (mark - 100_000) + "&length=200000");
          assertThat(new String(Arrays.copyOfRange(around.body(), 100_000, 100_010), UTF_8))
              .isEqualTo(expected.substring(0, 10));
        }
        // One region across all marks: every byte is counted, the marks stand where they belong.
        long length = (4L << 30) + 64;
        client.send(
            "GET /?offset=" + marks[0] + "&length=" + length + " HTTP/1.1\r\nHost: t\r\n\r\n");
        assertThat(client.head().status()).isEqualTo(200);
        assertMarks(client, marks, length);
      }
    }
  }

  private static void assertMarks(RawClient client, long[] marks, long length) throws IOException {
    byte[] buffer = new byte[1 << 16];
    long at = 0;
    for (long mark : marks) {
      client.in().skipNBytes(mark - marks[0] - at);
      byte[] expected = ("mark at " + mark).getBytes(UTF_8);
      assertThat(client.in().readNBytes(expected.length)).isEqualTo(expected);
      at = mark - marks[0] + expected.length;
    }
    for (;
        at < length;
        at += client.in().readNBytes(buffer, 0, (int) Math.min(length - at, 65_536))) {
      assertThat(client.socket().isClosed()).isFalse();
    }
    assertThat(client.get("/?offset=0&length=1").body()).hasSize(1);
  }

  @Test
  void closed_clientGone_completesAndWritesFail() throws Exception {
    var over = new LinkedBlockingQueue<String>();
    HostAndPort at =
        serve(e ->
            e.fork(() -> {
              var body = e.start(HttpResponseStatus.OK, new DefaultHttpHeaders(), 1L << 40);
              unwatched(body.closed().thenRun(() -> over.add("closed")));
              try {
                while (true) {
                  body.write(Unpooled.wrappedBuffer(new byte[65_536])).get();
                }
              } catch (java.util.concurrent.ExecutionException gone) {
                over.add("failed");
              }
              body.abort();
            }));
    try (var client = new RawClient(at)) {
      client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
      assertThat(client.head().status()).isEqualTo(200);
    }
    assertThat(
            java.util.List.of(
                String.valueOf(over.poll(10, TimeUnit.SECONDS)),
                String.valueOf(over.poll(10, TimeUnit.SECONDS))))
        .containsExactlyInAnyOrder("closed", "failed");
  }

  @Test
  void body_large_arrivesWholeByLengthAndChunked() throws Exception {
    byte[] content = new byte[20_000_000];
    new Random(3).nextBytes(content);
    var crc = new CRC32C();
    crc.update(content);
    HostAndPort at = serve(HttpServerSuite::digest);
    try (var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      URI uri = URI.create("http://" + at + "/");
      for (var publisher :
          java.util.List.of(
              HttpRequest.BodyPublishers.ofByteArray(content),
              HttpRequest.BodyPublishers.ofInputStream(
                  () -> new java.io.ByteArrayInputStream(content)))) {
        for (boolean expect : new boolean[] {false, true}) {
          var request = HttpRequest.newBuilder(uri).PUT(publisher).expectContinue(expect).build();
          assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).body())
              .isEqualTo(content.length + " " + crc.getValue());
        }
      }
    }
  }

  @Test
  void body_slowReader_holdsTheClientBack() throws Exception {
    HostAndPort at =
        serve(e ->
            e.fork(() -> {
              Objects.requireNonNull(e.body().read()).release();
              release.await();
              long rest = 0;
              for (ByteBuf b = e.body().read(); b != null; b = e.body().read()) {
                rest += b.readableBytes();
                b.release();
              }
              ok(e, "" + rest);
            }));
    try (var client = new RawClient(at)) {
      int total = 256 << 20;
      client.send("PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: " + total + "\r\n\r\n");
      var sent = new java.util.concurrent.atomic.AtomicLong();
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                byte[] chunk = new byte[1 << 20];
                try {
                  while (sent.get() < total) {
                    client.send(chunk);
                    sent.addAndGet(chunk.length);
                  }
                } catch (IOException e) {
                  failures.add(e);
                }
              });
      var last = new java.util.concurrent.atomic.AtomicLong(-1);
      await()
          .pollInterval(Duration.ofMillis(300))
          .until(() -> sent.get() > 0 && last.getAndSet(sent.get()) == sent.get());
      if (holdsBack()) {
        assertThat(sent.get()).isLessThan(64 << 20);
      }
      release.countDown();
      sender.join();
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void body_expectContinue_isAskedForOnlyWhenRead() throws Exception {
    HostAndPort at =
        serve(e -> {
          if (e.path().equals("/no")) {
            e.respond(HttpResponseStatus.UNAUTHORIZED, new DefaultHttpHeaders(), bytes("who?"));
          } else {
            echo(e);
          }
        });
    String headers = " HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    try (var client = new RawClient(at)) {
      client.send("PUT /yes" + headers);
      assertThat(client.head().status()).isEqualTo(100);
      client.send("hello");
      assertThat(client.answer().text()).isEqualTo("hello");
      client.send("PUT /no" + headers);
      var refusal = client.answer();
      assertThat(refusal.status()).isEqualTo(401);
      assertThat(refusal.headers()).containsEntry("connection", "close");
    }
    try (var client = new RawClient(at)) {
      client.send("PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nExpect: miracles\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(417);
    }
  }

  @Test
  void body_unreadAndShort_isDrained() throws Exception {
    HostAndPort at = serve(e -> ok(e, "ignored"));
    try (var client = new RawClient(at)) {
      for (int i = 0; i < 3; i++) {
        client.send("PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: 200000\r\n\r\n");
        client.send(new byte[100_000]);
        assertThat(client.answer().text()).isEqualTo("ignored");
        client.send(new byte[100_000]);
      }
      assertThat(client.get("/").text()).isEqualTo("ignored");
    }
  }

  @Test
  void body_unreadAndLong_closesButTheAnswerArrives() throws Exception {
    HostAndPort at = serve(e -> e.fork(() -> ok(e, new String(e.body().readAll(1_000), UTF_8))));
    for (String framing :
        new String[] {"Content-Length: 100000000", "Transfer-Encoding: chunked"}) {
      try (var client = new RawClient(at)) {
        client.send("PUT / HTTP/1.1\r\nHost: t\r\n" + framing + "\r\n\r\n");
        Thread sender =
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    for (int i = 0; i < 1_000; i++) {
                      client.send("186a0\r\n");
                      client.send(new byte[100_000]);
                      client.send("\r\n");
                    }
                  } catch (IOException closed) {
                    // What the server is meant to do.
                  }
                });
        assertThat(client.answer().status()).isEqualTo(413);
        assertThat(client.isClosedByServer()).isTrue();
        client.hangUp();
        sender.join();
      }
    }
  }

  @Test
  void body_abortedByClient_failsTheReader() throws Exception {
    HostAndPort at = serve(HttpServerSuite::digest);
    try (var client = new RawClient(at)) {
      client.send("PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\nabc");
    }
    assertThat(failures.poll(10, TimeUnit.SECONDS))
        .isInstanceOf(RequestBodyException.class)
        .hasMessageContaining("closed the connection");
  }

  @Test
  void body_abortedWhileNobodyReads_isFreed() throws Exception {
    var exchanges = new LinkedBlockingQueue<HttpExchange>();
    HostAndPort at = serve(exchanges::add);
    try (var client = new RawClient(at)) {
      client.send("PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\n");
      client.send(new byte[50_000]);
      HttpExchange held = exchanges.poll(10, TimeUnit.SECONDS);
      client.hangUp();
      await().until(() -> server().connections() == 0);
      ok(held, "too late");
    }
  }

  @Test
  void body_longerThanAnnounced_isReadAsTheNextRequestAndRefused() throws Exception {
    HostAndPort at = serve(HttpServerSuite::echo);
    try (var client = new RawClient(at)) {
      client.send("PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabcdefgh\r\n\r\n");
      assertThat(client.answer().text()).isEqualTo("abc");
      assertThat(client.answer().status()).isEqualTo(400);
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void body_malformedChunk_failsTheReader() throws Exception {
    HostAndPort at = serve(HttpServerSuite::digest);
    try (var client = new RawClient(at)) {
      client.send("PUT / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
      client.send("zz\r\nhello\r\n0\r\n\r\n");
      assertThat(client.answer().headers()).containsEntry("connection", "close");
      assertThat(failures.poll()).isInstanceOf(RequestBodyException.class);
    }
  }

  @Test
  void request_malformed_isRefusedAndClosed() throws Exception {
    HostAndPort at = serve(e -> ok(e, "no"));
    String[][] cases = {
      {"GET / HTTP/1.1\r\n\r\n", "400"},
      {"GARBAGE\r\n\r\n", "400"},
      {"GET / HTTP/3.0\r\nHost: t\r\n\r\n", "505"},
      {"GET / HTTP/1.1\r\nHost: t\r\nBad Header\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: t\r\nContent-Length: -5\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999999999999999\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
      {
        "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
        "400"
      },
      {"GET /" + "a".repeat(40_000) + " HTTP/1.1\r\nHost: t\r\n\r\n", "414"},
      {"GET / HTTP/1.1\r\nHost: t\r\nX: " + "a".repeat(40_000) + "\r\n\r\n", "431"},
      {"GET / HTTP/1.1\r\nHost: t\r\n" + "X: y\r\n".repeat(10_000) + "\r\n", "431"},
    };
    for (String[] sent : cases) {
      try (var client = new RawClient(at)) {
        client.send(sent[0]);
        var answer = client.answer();
        String shown = sent[0].substring(0, Math.min(60, sent[0].length()));
        assertThat(answer.status()).as(shown).isEqualTo(Integer.parseInt(sent[1]));
        assertThat(answer.headers()).as(shown).containsEntry("connection", "close");
        assertThat(client.isClosedByServer()).as(shown).isTrue();
      }
    }
  }

  @Test
  void request_endlessHeaders_areCutOff() throws Exception {
    HostAndPort at = serve(e -> ok(e, "no"));
    try (var client = new RawClient(at)) {
      client.send("GET / HTTP/1.1\r\n");
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1_000_000; i++) {
                  client.send("X-Flood: " + "y".repeat(1_000) + "\r\n");
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void request_slowHeaders_timeOut() throws Exception {
    HostAndPort at =
        serve(
            config().withTimeouts(Duration.ofMillis(300), Duration.ofSeconds(30)),
            e -> ok(e, "fine"));
    try (var client = new RawClient(at)) {
      assertThat(client.get("/").text()).isEqualTo("fine");
      Thread dripping =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  client.send("GET / HTTP/1.1\r\n");
                  while (!release.await(50, TimeUnit.MILLISECONDS)) {
                    client.send("a");
                  }
                } catch (IOException | InterruptedException closed) {
                  // What the server is meant to do.
                }
              });
      assertThat(client.answer().status()).isEqualTo(408);
      assertThat(client.isClosedByServer()).isTrue();
      release.countDown();
      dripping.join();
    }
  }

  @Test
  void request_idleConnection_isClosed() throws Exception {
    HostAndPort at =
        serve(
            config().withTimeouts(Duration.ofSeconds(30), Duration.ofMillis(300)),
            e -> ok(e, "fine"));
    try (var client = new RawClient(at);
        var silent = new RawClient(at)) {
      assertThat(client.get("/").text()).isEqualTo("fine");
      assertThat(client.isClosedByServer()).isTrue();
      assertThat(silent.isClosedByServer()).isTrue();
    }
  }

  @Test
  void body_stalledClient_timesOut() throws Exception {
    HostAndPort at =
        serve(
            config().withTimeouts(Duration.ofSeconds(30), Duration.ofMillis(300)),
            HttpServerSuite::digest);
    try (var client = new RawClient(at)) {
      client.send("PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\nabc");
      assertThat(client.answer().headers()).containsEntry("connection", "close");
      assertThat(failures.poll()).hasMessageContaining("sent nothing");
    }
  }

  @Test
  void respond_clientThatStopsReading_isClosed() throws Exception {
    Path path = folder.resolve("blob");
    try (var file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(1), (1L << 30) - 1);
      HostAndPort at =
          serve(
              config().withTimeouts(Duration.ofSeconds(30), Duration.ofMillis(500)),
              e -> {
                var body = e.start(HttpResponseStatus.OK, new DefaultHttpHeaders(), 1L << 30);
                unwatched(body.sendFile(file, 0, 1L << 30).thenCompose(v -> body.end()));
              });
      try (var client = new RawClient(at)) {
        client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
        await().until(() -> server().connections() == 1);
        await().atMost(Duration.ofSeconds(10)).until(() -> server().connections() == 0);
      }
    }
  }

  @Test
  void fork_failing_isMappedOrCutOff() throws Exception {
    HostAndPort at =
        serve(e -> {
          switch (e.path()) {
            case "/loop" -> throw new IOException("boom");
            case "/silent" -> e.fork(() -> {});
            case "/started" ->
                e.fork(() -> {
                  e.start(HttpResponseStatus.OK, new DefaultHttpHeaders(), 10)
                      .write(bytes("12345"))
                      .get();
                  throw new IOException("boom");
                });
            default ->
                e.fork(() -> {
                  throw new IOException("boom");
                });
          }
        });
    try (var client = new RawClient(at)) {
      for (String path : new String[] {"/loop", "/silent", "/"}) {
        assertThat(client.get(path).status()).as(path).isEqualTo(500);
        assertThat(failures.poll()).as(path).isNotNull();
      }
      assertThat(headThenClose(client, "/started")).hasSizeLessThan(10);
    }
  }

  @Test
  void accept_tooManyConnections_areTurnedAway() throws Exception {
    HostAndPort at = serve(config().withMaxConnections(2), e -> ok(e, "in"));
    try (var first = new RawClient(at);
        var second = new RawClient(at);
        var third = new RawClient(at)) {
      assertThat(first.get("/").text()).isEqualTo("in");
      assertThat(second.get("/").text()).isEqualTo("in");
      assertThat(third.answer().status()).isEqualTo(503);
      first.hangUp();
      await().until(() -> server().connections() == 1);
      try (var fourth = new RawClient(at)) {
        assertThat(fourth.get("/").text()).isEqualTo("in");
      }
    }
  }

  @Test
  void stop_withRunningExchange_letsItEndAndClosesIdleOnes() throws Exception {
    var entered = new CountDownLatch(1);
    HostAndPort at =
        serve(e -> {
          if (e.path().equals("/slow")) {
            e.fork(() -> {
              entered.countDown();
              release.await();
              ok(e, "done");
            });
          } else {
            ok(e, "quick");
          }
        });
    try (var idle = new RawClient(at);
        var busy = new RawClient(at)) {
      assertThat(idle.get("/").text()).isEqualTo("quick");
      busy.send("GET /slow HTTP/1.1\r\nHost: t\r\n\r\n");
      entered.await();
      Thread stopping = Thread.ofVirtual().start(() -> server().stop(Duration.ofSeconds(20)));
      assertThat(idle.isClosedByServer()).isTrue();
      // NIO gives the listening socket back a turn of the selector later.
      await()
          .untilAsserted(() ->
              assertThatThrownBy(() -> new RawClient(at).close()).isInstanceOf(IOException.class));
      release.countDown();
      var answer = busy.answer();
      assertThat(answer.text()).isEqualTo("done");
      assertThat(answer.headers()).containsEntry("connection", "close");
      assertThat(stopping.join(Duration.ofSeconds(10))).isTrue();
    }
  }

  @Test
  void stop_afterTheGrace_cutsOff() throws Exception {
    var entered = new CountDownLatch(1);
    HostAndPort at =
        serve(e ->
            e.fork(() -> {
              entered.countDown();
              release.await();
              ok(e, "late");
            }));
    try (var client = new RawClient(at)) {
      client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
      entered.await();
      server().stop(Duration.ofMillis(100));
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void bind_portInUse_saysWhichSettingAndWhatToDo() throws Exception {
    HostAndPort taken = serve(e -> ok(e, "first"));
    assertThatThrownBy(() ->
            HttpServer.bind(
                HttpServerConfig.of("listen", taken),
                transport,
                e -> ok(e, "second"),
                ErrorMapper.plainText()))
        .isInstanceOf(ListenFailedException.class)
        .hasMessageContaining("cannot listen on " + taken + " (--listen)")
        .hasMessageContaining("another process is using it");
    assertThat(InetAddress.getByName(taken.host()).isLoopbackAddress()).isTrue();
  }
}
