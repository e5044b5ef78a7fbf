package dev.longshore.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cli.node.NodeAbility;
import dev.longshore.cli.node.TestImage;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("node")
class DemoTest {

  /** Three containerd instances, cold, together: all run the image, which left its source once. */
  @Test
  void run_threeNodesAtOnce_allRunTheImageThatLeftItsSourceOnce() throws Exception {
    assertThat(NodeAbility.missing()).isEmpty();
    TestImage.get(); // in the cache that the demo then finds it in

    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    boolean good =
        new Demo(
                new DemoSettings(3, Optional.empty(), false, List.of(), TestImage.CACHE),
                new PrintStream(printed, true, UTF_8))
            .run();

    String text = printed.toString(UTF_8);
    assertThat(good).as(text).isTrue();
    assertThat(text).containsOnlyOnce("The source sent").doesNotContain("FAILED");
    assertThat(text.lines().filter(line -> line.endsWith("container ran"))).hasSize(3);
    assertThat(ProcessHandle.current().descendants().map(p -> p.info().commandLine().orElse("")))
        .noneMatch(line -> line.contains("longshore-demo-"));
  }
}
