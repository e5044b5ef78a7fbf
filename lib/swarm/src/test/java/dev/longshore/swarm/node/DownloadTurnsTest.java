package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.service.net.RateLimit;
import dev.longshore.swarm.Priority;
import io.netty.channel.DefaultEventLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DownloadTurnsTest {

  @Test
  void urgency_onlyWhileADownloadIsReadOnDemand() {
    List<Boolean> told = new ArrayList<>();
    DefaultEventLoop timers = new DefaultEventLoop();
    try {
      DownloadTurns turns =
          new DownloadTurns(RateLimit.UNLIMITED, timers, System::nanoTime, told::add);
      DownloadTurns.Seat pull = turns.join(Priority.FOREGROUND, () -> {});
      DownloadTurns.Seat lazy = turns.join(Priority.ON_DEMAND, () -> {});
      pull.raiseOrLower(Priority.ON_DEMAND);
      lazy.leave();
      pull.raiseOrLower(Priority.BACKGROUND);
      assertThat(told).containsExactly(false, true, true, true, false);
    } finally {
      var _ = timers.shutdownGracefully();
    }
  }
}
