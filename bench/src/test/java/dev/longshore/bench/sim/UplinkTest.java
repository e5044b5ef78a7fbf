package dev.longshore.bench.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Links of 1,000 bytes a second. */
final class UplinkTest {
  private static final long SECOND = 1_000_000_000L;

  private final EventQueue events = new EventQueue(0);
  private final Uplink uplink = new Uplink(events, 1000);
  private final List<String> sent = new ArrayList<>();

  private final class Pieces extends Uplink.Lane {
    private final String name;
    private int left;

    Pieces(String name, int left) {
      this.name = name;
      this.left = left;
    }

    @Override
    int share() {
      return 0;
    }

    @Override
    Object blob() {
      return "blob";
    }

    @Override
    int bytes() {
      return 1000;
    }

    @Override
    boolean isWaiting() {
      return left > 0;
    }

    @Override
    int begin() {
      left--;
      sent.add(name + "@" + events.now() / SECOND);
      return 1000;
    }
  }

  private void runAll() {
    while (events.runNext()) {
      // until nothing is left
    }
  }

  @Test
  void ask_twoLanes_takeTurnsAPieceEach() {
    uplink.ask(new Pieces("a", 3));
    uplink.ask(new Pieces("b", 2));
    runAll();
    assertThat(sent).containsExactly("a@0", "b@1", "a@2", "b@3", "a@4");
    assertThat(events.now()).isEqualTo(5 * SECOND);
  }

  @Test
  void ask_againWhileInTurn_takesNoSecondTurn() {
    Pieces lane = new Pieces("a", 2);
    uplink.ask(lane);
    uplink.ask(lane);
    uplink.ask(new Pieces("b", 1));
    runAll();
    assertThat(sent).containsExactly("a@0", "b@1", "a@2");
  }

  @Test
  void ask_laneWhosePiecesWereTakenBack_givesTheTurnAway() {
    Pieces taken = new Pieces("b", 1);
    uplink.ask(new Pieces("a", 2));
    uplink.ask(taken);
    taken.left = 0;
    runAll();
    assertThat(sent).containsExactly("a@0", "a@1");
  }

  @Test
  void take_idleDownlink_addsNoTime() {
    Downlink downlink = new Downlink(1000);
    assertThat(downlink.take(1000, 0, 4 * SECOND)).isEqualTo(4 * SECOND);
  }

  @Test
  void take_twoSendersAtOnce_shareTheDownlink() {
    Downlink downlink = new Downlink(1000);
    assertThat(downlink.take(1000, 0, SECOND)).isEqualTo(SECOND);
    assertThat(downlink.take(1000, 0, SECOND)).isEqualTo(2 * SECOND);
  }
}
