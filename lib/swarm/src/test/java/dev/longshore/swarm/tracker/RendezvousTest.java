package dev.longshore.swarm.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RendezvousTest {
  private static final List<String> NAMES = List.of("t-0:7100", "t-1:7100", "t-2:7100");

  @Test
  void rank_anyOrderOfNames_sameRanking() {
    assertThat(Rendezvous.rank(digest(1), NAMES))
        .isEqualTo(Rendezvous.rank(digest(1), NAMES.reversed()))
        .containsExactlyInAnyOrderElementsOf(NAMES);
  }

  @Test
  void rank_manyBlobs_spreadEvenly() {
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < 3000; i++) {
      first.merge(Rendezvous.rank(digest(i), NAMES).getFirst(), 1, Integer::sum);
    }
    assertThat(first.values()).hasSize(3).allMatch(count -> count > 900 && count < 1100);
  }

  @Test
  void rank_oneNameGone_othersKeepTheirOrder() {
    for (int i = 0; i < 100; i++) {
      List<String> with = Rendezvous.rank(digest(i), NAMES);
      List<String> without = Rendezvous.rank(digest(i), NAMES.subList(0, 2));
      assertThat(without).isEqualTo(with.stream().filter(n -> !n.startsWith("t-2")).toList());
    }
  }

  private static Digest digest(int number) {
    return Digest.sha256(Integer.toString(number).getBytes(StandardCharsets.UTF_8));
  }
}
