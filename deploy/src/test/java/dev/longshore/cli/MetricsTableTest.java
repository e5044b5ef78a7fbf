package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.agent.AgentMetrics;
import dev.longshore.lazy.SnapshotterMetrics;
import dev.longshore.lazy.layers.LayerMetrics;
import dev.longshore.origin.metrics.OriginMetrics;
import dev.longshore.seeder.SeederMetrics;
import dev.longshore.swarm.node.SwarmMetrics;
import dev.longshore.swarm.store.StoreMetrics;
import dev.longshore.swarm.tracker.TrackerClientMetrics;
import dev.longshore.tracker.TrackerMetrics;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of metrics in the operations guide names every metric. */
final class MetricsTableTest {

  @ParameterizedTest
  @ValueSource(
      classes = {
        AgentMetrics.class,
        OriginMetrics.class,
        SeederMetrics.class,
        SnapshotterMetrics.class,
        LayerMetrics.class,
        StoreMetrics.class,
        SwarmMetrics.class,
        TrackerClientMetrics.class,
        TrackerMetrics.class
      })
  void operationsGuide_namesEveryMetric(Class<?> names) throws Exception {
    String guide = Files.readString(Path.of("../docs/operations.md"));
    int found = 0;
    for (Field field : names.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == String.class) {
        field.setAccessible(true);
        String name = String.valueOf(field.get(null));
        if (name.startsWith("longshore")) {
          assertThat(guide).contains("`" + name.replace('.', '_') + "`");
          found++;
        }
      }
    }
    assertThat(found).as("metric names in %s", names).isPositive();
  }
}
