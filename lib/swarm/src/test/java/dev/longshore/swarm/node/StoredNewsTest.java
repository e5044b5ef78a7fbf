package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StoredNewsTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final List<String> told = new ArrayList<>();
  private long now;
  private final StoredNews news =
      new StoredNews(pieces -> told.add(pieces.toString()), channel.eventLoop(), () -> now);

  @BeforeEach
  void freeze() {
    channel.freezeTime();
  }

  private void pass(long millis) {
    now += TimeUnit.MILLISECONDS.toNanos(millis);
    channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
  }

  @Test
  void stored_afterQuiet_isToldAtOnce() {
    news.stored(3);
    assertThat(told).containsExactly("{3}");
    pass(50);
    news.stored(4);
    assertThat(told).containsExactly("{3}", "{4}");
  }

  @Test
  void stored_soonAfterAnother_isToldWithWhatFollows() {
    news.stored(3);
    news.stored(5);
    pass(30);
    news.stored(4);
    assertThat(told).containsExactly("{3}");
    pass(20);
    assertThat(told).containsExactly("{3}", "{4, 5}");
  }

  @Test
  void stored_manyInAStream_areToldEveryTwentyMilliseconds() {
    for (int piece = 0; piece < 100; piece++) {
      news.stored(piece);
      pass(1);
    }
    assertThat(told).hasSizeBetween(5, 7);
    assertThat(told.get(1))
        .isEqualTo("{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}");
  }

  @Test
  void stored_slowly_isToldByFours() {
    for (int piece = 0; piece < 9; piece++) {
      news.stored(piece);
      pass(12);
    }
    assertThat(told.getFirst()).isEqualTo("{0}");
    assertThat(told.get(1)).isEqualTo("{1, 2, 3, 4}");
  }

  @Test
  void tell_whatWasHeldBack_isToldNow() {
    news.stored(1);
    news.stored(2);
    news.tell();
    assertThat(told).containsExactly("{1}", "{2}");
    news.tell();
    pass(100);
    assertThat(told).hasSize(2);
  }
}
