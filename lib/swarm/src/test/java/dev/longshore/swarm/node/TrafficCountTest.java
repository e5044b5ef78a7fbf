package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import org.junit.jupiter.api.Test;

class TrafficCountTest {
  private static final PeerId SEEDER = new PeerId(0, 1);
  private static final PeerId AGENT = new PeerId(0, 2);

  private final TrafficCount count = new TrafficCount();

  @Test
  void stored_fromEachKind_isCountedByIt() {
    count.joined(SEEDER, PeerRole.SEEDER);
    count.joined(AGENT, PeerRole.AGENT);
    count.stored(0, null, 100);
    count.stored(1, SEEDER, 20);
    count.stored(2, AGENT, 3);
    assertThat(count.traffic()).isEqualTo(new Traffic(100, 20, 3));
  }

  @Test
  void stored_samePieceTwice_countsOnce() {
    count.joined(SEEDER, PeerRole.SEEDER);
    count.stored(7, SEEDER, 20);
    count.stored(7, null, 20);
    assertThat(count.traffic()).isEqualTo(new Traffic(0, 20, 0));
  }
}
