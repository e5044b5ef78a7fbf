package dev.longshore.swarm.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.swarm.PeerId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SelfGrantTest {
  private static final int PIECES = 1000;
  private static final BitSet NOTHING = new BitSet();
  private static final long LONGEST = SelfGrant.MOST_STEPS * SelfGrant.STEP;
  private final Random random = new Random(7);

  @Test
  void choose_alone_inOrder() {
    SelfGrant grant = new SelfGrant(new PeerId(1, 1), random);
    BitSet wanted = range(10, PIECES);
    assertThat(grant.choose(wanted, NOTHING, 5, Set.of(), 0).pieces()).isEqualTo(range(10, 15));
  }

  @Test
  void choose_amongOthers_everyPieceIsOnesShare() {
    List<PeerId> all = peers(5);
    BitSet together = new BitSet();
    int sum = 0;
    for (PeerId self : all) {
      BitSet share = chosen(new SelfGrant(self, random), self, all, 0);
      assertThat(share.cardinality()).isBetween(PIECES / 10, PIECES * 2 / 5);
      sum += share.cardinality();
      together.or(share);
    }
    assertThat(sum).isEqualTo(PIECES);
    assertThat(together).isEqualTo(range(0, PIECES));
  }

  @Test
  void choose_whoseTurnItIsIsDead_theNextOneTakesOverAfterAStep() {
    List<PeerId> all = peers(3);
    BitSet taken = new BitSet();
    for (PeerId self : all.subList(0, 2)) {
      SelfGrant grant = new SelfGrant(self, random);
      taken.or(chosen(grant, self, all, 0));
      taken.or(chosen(grant, self, all, SelfGrant.STEP));
    }
    assertThat(taken).isEqualTo(range(0, PIECES));
  }

  @Test
  void choose_inASwarmOfWhichAPartIsKnown_fewReadTheSame() {
    List<PeerId> all = peers(1000);
    int reads = 0;
    BitSet read = new BitSet();
    for (PeerId self : all) {
      SelfGrant grant = new SelfGrant(self, random);
      List<PeerId> known = all.subList(0, 200);
      chosen(grant, self, known, 0);
      BitSet share = chosen(grant, self, known, SelfGrant.STEP / 2);
      reads += share.cardinality();
      read.or(share);
    }
    assertThat(read.cardinality()).isGreaterThan(PIECES * 8 / 10);
    assertThat(reads).isLessThan(PIECES * 3);
  }

  @Test
  void choose_ownReadsTakeLong_theOthersGetLongerToo() {
    List<PeerId> all = peers(2);
    SelfGrant grant = new SelfGrant(all.get(0), random);
    BitSet mine = chosen(grant, all.get(0), all, 0);
    BitSet others = range(0, PIECES);
    others.andNot(mine);
    List<PeerId> known = all.subList(1, 2);
    long step = SelfGrant.STEP;
    assertThat(grant.choose(others, mine, PIECES, known, 0).pieces().isEmpty()).isTrue();
    assertThat(grant.choose(others, mine, PIECES, known, 3 * step).pieces().isEmpty()).isTrue();
    assertThat(grant.choose(others, NOTHING, PIECES, known, 4 * step).pieces().isEmpty()).isTrue();
    assertThat(grant.choose(others, NOTHING, PIECES, known, 20 * step).pieces()).isEqualTo(others);
  }

  @Test
  void choose_whatNobodyEverReads_isTakenInTheEndAndNotInOrder() {
    PeerId self = new PeerId(1, 1);
    List<PeerId> known = peers(200);
    SelfGrant grant = new SelfGrant(self, random);
    assertThat(grant.choose(range(0, PIECES), NOTHING, 4, known, 0).retryAfter())
        .isLessThan(SelfGrant.STEP);
    BitSet late = grant.choose(range(0, PIECES), NOTHING, 4, known, LONGEST).pieces();
    assertThat(late.cardinality()).isEqualTo(4);
    assertThat(late).isNotEqualTo(range(0, 4));
  }

  @Test
  void choose_aPieceThatWasHereMeanwhile_waitsAnew() {
    PeerId self = new PeerId(1, 1);
    List<PeerId> known = peers(200);
    SelfGrant grant = new SelfGrant(self, random);
    grant.choose(range(0, PIECES), NOTHING, PIECES, known, 0);
    grant.choose(new BitSet(), NOTHING, PIECES, known, 1);
    BitSet again = grant.choose(range(0, PIECES), NOTHING, PIECES, known, LONGEST).pieces();
    assertThat(again.cardinality()).isLessThan(PIECES / 50);
  }

  private static BitSet chosen(SelfGrant grant, PeerId self, List<PeerId> all, long now) {
    List<PeerId> others = all.stream().filter(peer -> !peer.equals(self)).toList();
    return grant.choose(range(0, PIECES), NOTHING, PIECES, others, now).pieces();
  }

  private List<PeerId> peers(int count) {
    List<PeerId> peers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      peers.add(PeerId.random(random));
    }
    return peers;
  }

  private static BitSet range(int from, int to) {
    BitSet range = new BitSet();
    range.set(from, to);
    return range;
  }
}
