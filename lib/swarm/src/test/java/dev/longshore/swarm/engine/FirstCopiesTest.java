package dev.longshore.swarm.engine;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FirstCopiesTest {
  private static final long PATIENCE = SECONDS.toNanos(2);
  private static final int PIECES = 60;

  private final FirstCopies<String> copies = new FirstCopies<>(PIECES, 0);
  private long now = 7;

  /** As a member asks its sender: what is not refused is sent. */
  private boolean asks(String peer, int piece) {
    if (copies.refuses(peer, piece, now)) {
      return false;
    }
    boolean promised = copies.promises(peer, piece, now);
    copies.sends(peer, piece, now);
    return promised;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void refuses_manyPeersAskForAnything_noPieceIsSentTwiceBeforeEachIsSentOnce(long seed) {
    Random random = new Random(seed);
    BitSet sent = new BitSet();
    @Nullable String[] carrier = new @Nullable String[PIECES];
    while (sent.cardinality() < PIECES) {
      now += random.nextLong(MILLISECONDS.toNanos(1));
      String peer = "peer " + random.nextInt(12);
      int piece = random.nextInt(PIECES);
      if (random.nextInt(40) == 0) {
        copies.left(peer);
        for (int each = 0; each < PIECES; each++) {
          if (peer.equals(carrier[each])) {
            carrier[each] = null;
            sent.clear(each);
          }
        }
      } else if (asks(peer, piece)) {
        boolean again = sent.get(piece) && !peer.equals(carrier[piece]);
        assertThat(again).as("seed %d, piece %d", seed, piece).isFalse();
        sent.set(piece);
        carrier[piece] = peer;
      } else {
        assertThat(sent.get(piece)).as("seed %d, piece %d", seed, piece).isTrue();
      }
    }
    assertThat(copies.isOver(now)).as("seed %d", seed).isTrue();
    assertThat(asks("a newcomer", 0)).isTrue();
    assertThat(asks("another", 0)).isTrue();
  }

  @Test
  void promises_twoAskedBeforeEitherWasPromised_theFirstGetsIt() {
    assertThat(copies.refuses("one", 3, now)).isFalse();
    assertThat(copies.refuses("other", 3, now)).isFalse();
    assertThat(copies.promises("other", 3, now)).isTrue();
    assertThat(copies.promises("one", 3, now)).isFalse();
  }

  @Test
  void refuses_alone_nothing() {
    for (int piece = 0; piece < PIECES; piece++) {
      assertThat(asks("lone", piece)).isTrue();
      assertThat(asks("lone", piece)).as("the same once more").isTrue();
    }
  }

  @Test
  void refuses_sentToAnother_untilPatienceIsOver() {
    asks("one", 3);
    now += PATIENCE - 1;
    asks("one", 4);
    assertThat(asks("other", 3)).isFalse();
    assertThat(copies.isFree(3, now)).isFalse();
    now++;
    assertThat(copies.isFree(3, now)).isTrue();
    assertThat(asks("other", 3)).isTrue();
    assertThat(asks("third", 3)).as("now it is on its way again").isFalse();
  }

  @Test
  void refuses_oneTakesBackAndAsksAgainForEver_othersWaitNoLongerThanThreeTimes() {
    long began = now;
    while (now < began + 3 * PATIENCE) {
      assertThat(copies.refuses("hostile", 3, now)).isFalse();
      copies.takesBack("hostile", 3);
      assertThat(copies.promises("hostile", 3, now)).isTrue();
      assertThat(copies.refuses("other", 3, now)).isTrue();
      assertThat(copies.refuses("other", 4, now)).as("so that it is not over").isFalse();
      now += PATIENCE / 4;
    }
    assertThat(copies.isFree(3, now)).isTrue();
    assertThat(copies.refuses("other", 3, now)).isFalse();
  }

  @Test
  void refuses_slowUplink_whatWaitsForItIsWaitedForLonger() {
    FirstCopies<String> slow = new FirstCopies<>(PIECES, SECONDS.toNanos(1));
    assertThat(slow.refuses("one", 0, now)).isFalse();
    assertThat(slow.promises("one", 0, now)).isTrue();
    assertThat(slow.refuses("other", 0, now + 4 * PATIENCE)).isTrue();
    assertThat(slow.refuses("other", 0, now + 5 * PATIENCE)).isFalse();
  }

  @Test
  void refuses_allPromisedAndOneNotSent_untilThatLeaves() {
    for (int piece = 0; piece < PIECES - 1; piece++) {
      assertThat(asks("one", piece)).isTrue();
    }
    assertThat(copies.refuses("one", PIECES - 1, now)).isFalse();
    assertThat(copies.promises("one", PIECES - 1, now)).isTrue();
    assertThat(asks("other", 0)).isFalse();
    copies.sends("one", PIECES - 1, now);
    assertThat(asks("other", 0)).isTrue();
  }

  @Test
  void takesBack_byItsCarrier_isSentToAnother() {
    asks("one", 3);
    copies.takesBack("other", 3);
    assertThat(asks("other", 3)).isFalse();
    copies.takesBack("one", 3);
    assertThat(copies.isFree(3, now)).isTrue();
    assertThat(asks("other", 3)).isTrue();
  }

  @Test
  void left_carrierOfSome_theseAreSentToOthers() {
    asks("one", 3);
    asks("two", 4);
    copies.left("one");
    assertThat(asks("other", 3)).isTrue();
    assertThat(asks("other", 4)).isFalse();
  }

  @Test
  void isOver_nobodyAsksForWhatWasNotSent_isOrdinaryFromThenOn() {
    asks("one", 3);
    now += PATIENCE / 2;
    asks("two", 3);
    assertThat(copies.isOver(now)).isFalse();
    now += PATIENCE / 2;
    assertThat(copies.isOver(now)).isTrue();
    assertThat(asks("two", 3)).isTrue();
    assertThat(asks("three", 3)).isTrue();
  }

  @Test
  void isOver_nothingWasAskedForYet_isNot() {
    now += 100 * PATIENCE;
    assertThat(copies.isOver(now)).isFalse();
    assertThat(asks("one", 3)).isTrue();
    assertThat(asks("other", 3)).isFalse();
  }
}
