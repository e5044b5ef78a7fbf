package dev.longshore.swarm.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {
  private static final String PIECE_HEX = HexFormat.of().formatHex(WireSamples.PIECE);

  private final CollectingReceiver receiver = new CollectingReceiver();
  private final PieceBuffers buffers = new PieceBuffers();
  private final FrameDecoder decoder = new FrameDecoder(receiver, buffers);
  private final EmbeddedChannel channel = new EmbeddedChannel(decoder);

  @Test
  void decode_everyFrame_roundTrips() {
    feed(WireSamples.stream());
    assertThat(receiver.seen).containsExactlyElementsOf(expected());
    assertThat(receiver.broken).isNull();
  }

  @Test
  void decode_everySplitPosition_sameFrames() {
    byte[] stream = WireSamples.stream();
    for (int at = 1; at < stream.length; at++) {
      CollectingReceiver split = new CollectingReceiver();
      EmbeddedChannel each = new EmbeddedChannel(new FrameDecoder(split, buffers));
      each.writeInbound(Unpooled.copiedBuffer(stream, 0, at));
      each.writeInbound(Unpooled.copiedBuffer(stream, at, stream.length - at));
      each.finishAndReleaseAll();
      assertThat(split.seen).as("split at %d", at).containsExactlyElementsOf(expected());
    }
  }

  @Test
  void decode_byteByByte_sameFrames() {
    for (byte b : WireSamples.stream()) {
      feed(b);
    }
    assertThat(receiver.seen).containsExactlyElementsOf(expected());
  }

  @Test
  void decode_piecesReadInPlace_sameFrames() {
    byte[] stream = WireSamples.stream();
    for (int step = 1; step < 100; step++) {
      CollectingReceiver each = new CollectingReceiver();
      FrameDecoder reading = new FrameDecoder(each, buffers);
      EmbeddedChannel over = new EmbeddedChannel(reading);
      int inPlace = 0;
      for (int at = 0, count; at < stream.length; at += count) {
        count = Math.min(step, stream.length - at);
        io.netty.buffer.ByteBuf room = reading.lendRoom();
        if (room != null) {
          count = Math.min(count, room.writableBytes());
          inPlace += count;
        }
        io.netty.buffer.ByteBuf target = room != null ? room : Unpooled.buffer(count);
        over.writeInbound(target.writeBytes(stream, at, count));
      }
      over.checkException();
      over.finishAndReleaseAll();
      assertThat(each.seen).as("steps of %d", step).containsExactlyElementsOf(expected());
      assertThat(each.received).isEqualTo(stream.length);
      if (step < WireSamples.PIECE.length / 2) {
        assertThat(inPlace).as("steps of %d", step).isPositive();
      }
    }
    assertThat(buffers.inUse()).isZero();
  }

  @Test
  void lendRoom_noPieceArrives_isNull() {
    assertThat(decoder.lendRoom()).isNull();
    greet();
    assertThat(decoder.lendRoom()).isNull();
    receiver.intake = () -> FrameReceiver.PieceIntake.WAIT;
    feed(WireSamples.piece(WireSamples.BLOB, 5, WireSamples.PIECE));
    assertThat(decoder.lendRoom()).isNull();
  }

  @Test
  void discardCurrent_whileTheRestIsReadInPlace_skipsTheRest() {
    greet();
    byte[] piece = WireSamples.piece(WireSamples.BLOB, 5, WireSamples.PIECE);
    feed(Arrays.copyOf(piece, piece.length - 3));
    io.netty.buffer.ByteBuf room = decoder.lendRoom();
    assertThat(room).isNotNull();
    decoder.discardCurrent();
    assertThat(room.refCnt()).isEqualTo(1);
    channel.writeInbound(room.writeBytes(piece, piece.length - 3, 3));
    assertThat(room.refCnt()).isZero();
    feed(WireSamples.bytes(new Frame.Have(WireSamples.BLOB, 1)));
    assertThat(receiver.seen)
        .containsExactly(WireSamples.HELLO, new Frame.Have(WireSamples.BLOB, 1));
    assertThat(buffers.inUse()).isZero();
  }

  @Test
  void decode_firstFrameNotHello_breaks() {
    feed(WireSamples.bytes(new Frame.Have(WireSamples.BLOB, 1)));
    assertThat(receiver.broken).isEqualTo(GoodbyeReason.NOT_HELLO);
    assertThat(receiver.seen).isEmpty();
  }

  @Test
  void decode_httpRequest_breaksAsNotHello() {
    feed("GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    assertThat(receiver.broken).isEqualTo(GoodbyeReason.NOT_HELLO);
  }

  @Test
  void decode_otherVersion_breaks() {
    byte[] hello = WireSamples.bytes(WireSamples.HELLO);
    hello[10] = 2;
    feed(hello);
    assertThat(receiver.broken).isEqualTo(GoodbyeReason.WRONG_VERSION);
  }

  @Test
  void decode_unknownType_breaks() {
    greet();
    feed(frame(99, new byte[40]));
    assertThat(receiver.broken).isEqualTo(GoodbyeReason.UNKNOWN_FRAME);
  }

  @Test
  void decode_lengthOfAGigabyte_breaksBeforeTheBody() {
    greet();
    feed(ByteBuffer.allocate(4).putInt(1 << 30).array());
    assertThat(receiver.broken).isEqualTo(GoodbyeReason.OVERSIZED);
  }

  @Test
  void decode_haveWithLongBody_breaksBeforeTheBody() {
    greet();
    feed(ByteBuffer.allocate(5).putInt(1000).put((byte) 2).array());
    assertThat(receiver.broken).isEqualTo(GoodbyeReason.OVERSIZED);
  }

  @Test
  void decode_haveWithShortBody_breaks() {
    greet();
    feed(frame(2, new byte[20]));
    assertThat(receiver.broken).isEqualTo(GoodbyeReason.MALFORMED);
  }

  @Test
  void decode_bitsBeyondThePieces_breaks() {
    greet();
    byte[] bitfield = WireSamples.bytes(WireSamples.FRAMES.get(3));
    bitfield[bitfield.length - 1] = (byte) 0xff;
    feed(bitfield);
    assertThat(receiver.broken).isEqualTo(GoodbyeReason.MALFORMED);
  }

  @Test
  void decode_textWithControlCharacters_breaks() {
    feed(
        WireSamples.bytes(
            new Frame.Hello(
                0,
                WireSamples.HELLO.id(),
                WireSamples.HELLO.role(),
                1,
                "evil\u001b[2J\nfake log line",
                "")));
    assertThat(receiver.broken).isEqualTo(GoodbyeReason.MALFORMED);
  }

  @Test
  void decode_pieceNobodyAskedFor_breaks() {
    greet();
    receiver.intake = () -> FrameReceiver.PieceIntake.REFUSE;
    feed(WireSamples.piece(WireSamples.BLOB, 5, WireSamples.PIECE));
    assertThat(receiver.broken).isEqualTo(GoodbyeReason.UNREQUESTED);
  }

  @Test
  void decode_pieceDiscarded_goesOnBehindIt() {
    greet();
    receiver.intake = () -> FrameReceiver.PieceIntake.DISCARD;
    feed(WireSamples.piece(WireSamples.BLOB, 5, WireSamples.PIECE));
    feed(WireSamples.bytes(new Frame.Have(WireSamples.BLOB, 1)));
    assertThat(receiver.seen)
        .containsExactly(WireSamples.HELLO, new Frame.Have(WireSamples.BLOB, 1));
  }

  @Test
  void decode_pieceWaits_nothingPassesUntilResumed() {
    greet();
    receiver.intake = () -> FrameReceiver.PieceIntake.WAIT;
    feed(WireSamples.piece(WireSamples.BLOB, 5, WireSamples.PIECE));
    feed(WireSamples.bytes(new Frame.Have(WireSamples.BLOB, 1)));
    assertThat(receiver.seen).containsExactly(WireSamples.HELLO);

    receiver.intake = () -> FrameReceiver.PieceIntake.TAKE;
    decoder.resume();
    assertThat(receiver.seen)
        .containsExactly(
            WireSamples.HELLO, "piece 5: " + PIECE_HEX, new Frame.Have(WireSamples.BLOB, 1));
  }

  @Test
  void discardCurrent_midPiece_skipsTheRest() {
    greet();
    byte[] piece = WireSamples.piece(WireSamples.BLOB, 5, WireSamples.PIECE);
    feed(Arrays.copyOf(piece, piece.length - 3));
    decoder.discardCurrent();
    feed(Arrays.copyOfRange(piece, piece.length - 3, piece.length));
    feed(WireSamples.bytes(new Frame.Have(WireSamples.BLOB, 1)));
    assertThat(receiver.seen)
        .containsExactly(WireSamples.HELLO, new Frame.Have(WireSamples.BLOB, 1));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void decode_randomBytes_breaksOrWaits(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      byte[] noise = new byte[random.nextInt(2000)];
      random.nextBytes(noise);
      if (random.nextBoolean()) {
        noise = concat(WireSamples.bytes(WireSamples.HELLO), noise);
      }
      runClean(noise, random, "seed " + seed + ", round " + round);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
  void decode_mutatedStreams_breaksOrWaits(long seed) {
    Random random = new Random(seed);
    byte[] stream = WireSamples.stream();
    for (int round = 0; round < 300; round++) {
      byte[] mutated = stream.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
      }
      if (random.nextInt(4) == 0) {
        mutated = Arrays.copyOf(mutated, random.nextInt(mutated.length));
      }
      runClean(mutated, random, "seed " + seed + ", round " + round);
    }
  }

  /** Feeds bytes in random portions; nothing may be thrown, and no buffer may be left over. */
  private static void runClean(byte[] bytes, Random random, String what) {
    CollectingReceiver each = new CollectingReceiver();
    FrameReceiver.PieceIntake[] intakes = FrameReceiver.PieceIntake.values();
    each.intake = () -> intakes[random.nextInt(intakes.length)];
    PieceBuffers buffers = new PieceBuffers();
    FrameDecoder fuzzed = new FrameDecoder(each, buffers);
    EmbeddedChannel over = new EmbeddedChannel(fuzzed);
    List<io.netty.buffer.ByteBuf> fed = new ArrayList<>();
    int at = 0;
    while (at < bytes.length) {
      int count = Math.min(bytes.length - at, 1 + random.nextInt(200));
      io.netty.buffer.ByteBuf room = fuzzed.lendRoom();
      if (room != null && random.nextInt(3) > 0) {
        // As a channel reads; what is discarded meanwhile must not be written over.
        if (random.nextInt(10) == 0) {
          fuzzed.discardCurrent();
        }
        count = Math.min(count, room.writableBytes());
        over.writeInbound(room.writeBytes(bytes, at, count));
      } else {
        if (room != null) {
          room.release(); // as after a read that brought nothing
        }
        io.netty.buffer.ByteBuf portion = Unpooled.copiedBuffer(bytes, at, count);
        fed.add(portion);
        over.writeInbound(portion);
      }
      at += count;
      if (random.nextInt(5) == 0) {
        fuzzed.resume();
      }
      if (random.nextInt(20) == 0) {
        fuzzed.discardCurrent();
      }
    }
    over.checkException();
    over.finishAndReleaseAll();
    assertThat(fed).as(what).allMatch(portion -> portion.refCnt() == 0);
    assertThat(buffers.inUse()).as(what).isZero();
    assertThat(each.received).as(what).isEqualTo(bytes.length);
  }

  private static List<Object> expected() {
    List<Object> expected = new ArrayList<>(WireSamples.FRAMES);
    expected.add(1, "piece 5: " + PIECE_HEX);
    expected.add("piece 6: " + PIECE_HEX);
    return expected;
  }

  private void greet() {
    feed(WireSamples.bytes(WireSamples.HELLO));
    assertThat(receiver.broken).isNull();
  }

  private void feed(byte... bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
    channel.checkException();
  }

  private static byte[] frame(int type, byte[] body) {
    return ByteBuffer.allocate(5 + body.length)
        .putInt(1 + body.length)
        .put((byte) type)
        .put(body)
        .array();
  }

  private static byte[] concat(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }
}
