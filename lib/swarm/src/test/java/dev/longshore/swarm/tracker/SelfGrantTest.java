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

  @Test
  void choose_alone_inOrder() {
    SelfGrant grant = new SelfGrant(new PeerId(1, 1), new Random(1));
    BitSet wanted = range(10, PIECES);
    assertThat(grant.choose(wanted, 5, Set.of(), 0)).isEqualTo(range(10, 15));
  }

  @Test
  void choose_amongOthers_everyPieceIsOnesShare() {
    List<PeerId> all = new ArrayList<>();
    Random random = new Random(7);
    for (int i = 0; i < 5; i++) {
      all.add(PeerId.random(random));
    }
    BitSet together = new BitSet();
    int sum = 0;
    for (PeerId self : all) {
      List<PeerId> others = all.stream().filter(peer -> !peer.equals(self)).toList();
      BitSet share = new SelfGrant(self, random).choose(range(0, PIECES), PIECES, others, 0);
      assertThat(share.cardinality()).isBetween(PIECES / 10, PIECES * 2 / 5);
      sum += share.cardinality();
      together.or(share);
    }
    assertThat(sum).isEqualTo(PIECES);
    assertThat(together).isEqualTo(range(0, PIECES));
  }

  @Test
  void choose_shareIsRead_othersGetTheirTimeFirst() {
    PeerId self = new PeerId(1, 1);
    List<PeerId> others = List.of(new PeerId(2, 2));
    SelfGrant grant = new SelfGrant(self, new Random(1));
    BitSet foreign = range(0, PIECES);
    foreign.andNot(grant.choose(foreign, PIECES, others, 0));
    assertThat(grant.choose(foreign, 4, others, 1).isEmpty()).isTrue();
    BitSet late = grant.choose(foreign, 4, others, 1 + SelfGrant.FOREIGN_SHARE_AFTER);
    assertThat(late.cardinality()).isEqualTo(4);
    late.andNot(foreign);
    assertThat(late.isEmpty()).isTrue();
  }

  private static BitSet range(int from, int to) {
    BitSet range = new BitSet();
    range.set(from, to);
    return range;
  }
}
