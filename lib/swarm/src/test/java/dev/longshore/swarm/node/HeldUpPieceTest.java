package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.swarm.wire.Frame;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Pieces that somebody owes and does not send. */
class HeldUpPieceTest extends HostileCase {

  @Test
  void pieces_owedBySomebodySilent_comeFromAnotherLongBeforeTheTimeout() throws Exception {
    TestBlob blob = TestBlob.random(4 * MIB, 71);
    CompletableFuture<Frame> asked = new CompletableFuture<>();
    try (SwarmDownload download = agent.pull(blob, null);
        ScriptedPeer silent =
            new ScriptedPeer(
                    port(),
                    (_, frame) -> {
                      if (frame instanceof Frame.Request) {
                        asked.complete(frame);
                      }
                    })
                .listening()
                .hello()
                .has(blob, blob.pieces())) {
      asked.get(20, TimeUnit.SECONDS);
      swarm.seeder(blob);
      download.completion().get(10, TimeUnit.SECONDS);
      assertThat(blob.isIn(download.blob())).isTrue();
      await().until(() -> silent.frames.stream().anyMatch(Frame.Cancel.class::isInstance));
    }
    assertThat(agent.count(SwarmMetrics.HEDGES)).isPositive();
    assertThat(agent.count(SwarmMetrics.UNNEEDED)).isZero();
  }
}
