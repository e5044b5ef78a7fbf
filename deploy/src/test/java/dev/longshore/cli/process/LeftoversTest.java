package dev.longshore.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeftoversTest {
  private final List<String> closed = new ArrayList<>();

  @Test
  void close_severalOneFailing_closesAllOfThemTheLastFirst() {
    Leftovers leftovers = Leftovers.closedAtExit();
    leftovers.add(() -> closed.add("first"));
    leftovers.add(() -> {
      throw new IllegalStateException("told by the log, and no reason to stop");
    });
    leftovers.add(() -> closed.add("last"));

    leftovers.close();
    leftovers.close();

    assertThat(closed).containsExactly("last", "first");
  }

  @Test
  void add_afterClose_closesAtOnceAndFails() {
    Leftovers leftovers = Leftovers.closedAtExit();
    leftovers.close();

    assertThatThrownBy(() -> leftovers.add(() -> closed.add("late")))
        .isInstanceOf(IllegalStateException.class);
    assertThat(closed).containsExactly("late");
  }
}
