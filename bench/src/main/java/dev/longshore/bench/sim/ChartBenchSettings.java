package dev.longshore.bench.sim;

import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.DataRate;
import dev.longshore.service.unit.DataSize;
import java.nio.file.Path;

/** The settings of {@code bench chart}. */
public record ChartBenchSettings(
    @Setting(value = "size of the image", defaultValue = "500MB") DataSize size,
    @Setting(value = "most that a node sends, and receives", defaultValue = "300MB/s")
        DataRate rate,
    @Setting(value = "nodes whose progress is shown", defaultValue = "1000") int nodes,
    @Setting(value = "most nodes that are played", defaultValue = "10000") int most,
    @Setting(value = "where the chart goes", defaultValue = "docs/swarm.svg") Path out,
    @Setting(value = "of all that is random", defaultValue = "1") long seed) {

  public ChartBenchSettings {
    if (nodes < 10 || nodes > 100_000) {
      throw new IllegalArgumentException("--nodes must be 10 to 100000, found " + nodes);
    }
    if (most < 20 || most > 100_000) {
      throw new IllegalArgumentException("--most must be 20 to 100000, found " + most);
    }
  }

  SimPlan plan(int count) {
    long perSecond = rate.bytesPerSecond();
    return Scenario.KRAKEN
        .plan()
        .withNodes(count)
        .withSize(size.bytes())
        .withRate(perSecond)
        .withSourceRate(5 * perSecond)
        .withSeed(seed);
  }
}
