package dev.longshore.swarm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RarestFirstTest {

  /** Every operation at random, compared after each with a plain count of everything. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void order_underRandomChanges_agreesWithAPlainCount(long seed) {
    Random random = new Random(seed);
    int pieces = 1 + random.nextInt(60);
    BitSet held = new BitSet();
    for (int piece = 0; piece < pieces; piece++) {
      held.set(piece, random.nextInt(4) == 0);
    }
    RarestFirst order = new RarestFirst(pieces, held, random);
    int[] count = new int[pieces];
    BitSet listed = new BitSet();
    listed.set(0, pieces);
    listed.andNot(held);
    for (int step = 0; step < 5_000; step++) {
      int piece = random.nextInt(pieces);
      switch (random.nextInt(4)) {
        case 0 -> {
          count[piece]++;
          order.increment(piece, false);
        }
        case 1 -> {
          if (count[piece] > 0) {
            count[piece]--;
            order.decrement(piece, false);
          }
        }
        case 2 -> {
          if (listed.get(piece)) {
            listed.clear(piece);
            order.unlist(piece);
          }
        }
        default -> {
          if (!listed.get(piece)) {
            listed.set(piece);
            order.list(piece);
          }
        }
      }
      check(order, listed, count, random);
    }
  }

  private static void check(RarestFirst order, BitSet listed, int[] count, Random random) {
    BitSet unavailable = new BitSet();
    BitSet among = new BitSet();
    int rarest = Integer.MAX_VALUE;
    for (int piece = 0; piece < count.length; piece++) {
      if (random.nextBoolean()) {
        among.set(piece);
      }
      if (listed.get(piece)) {
        unavailable.set(piece, count[piece] == 0);
        rarest = among.get(piece) ? Math.min(rarest, count[piece]) : rarest;
      }
      assertThat(order.isListed(piece)).isEqualTo(listed.get(piece));
    }
    assertThat(order.listed()).isEqualTo(listed.cardinality());
    assertThat(order.unavailablePieces()).isEqualTo(unavailable);
    int picked = order.rarest(PieceSet.of(count.length, among), false);
    if (rarest == Integer.MAX_VALUE) {
      assertThat(picked).isEqualTo(-1);
    } else {
      assertThat(among.get(picked) && listed.get(picked)).isTrue();
      assertThat(count[picked]).isEqualTo(rarest);
    }
  }

  @Test
  void rarest_amongEquals_isRandom() {
    BitSet first = new BitSet();
    for (long seed = 0; seed < 50; seed++) {
      BitSet all = new BitSet();
      all.set(0, 100);
      first.set(
          new RarestFirst(100, new BitSet(), new Random(seed))
              .rarest(PieceSet.of(100, all), false));
    }
    assertThat(first.cardinality()).isGreaterThan(20);
  }

  @Test
  void rarest_inALargeBlob_isRarerThanMost() {
    int pieces = 4000;
    RarestFirst order = new RarestFirst(pieces, new BitSet(), new Random(1));
    for (int piece = 0; piece < pieces; piece++) {
      for (int peers = 0; peers <= piece % 100; peers++) {
        order.increment(piece, false);
      }
    }
    BitSet all = new BitSet();
    all.set(0, pieces);
    for (int pick = 0; pick < 100; pick++) {
      assertThat(order.availability(order.rarest(PieceSet.of(pieces, all), false))).isLessThan(20);
    }
  }
}
