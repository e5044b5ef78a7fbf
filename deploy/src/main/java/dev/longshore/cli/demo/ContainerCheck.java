package dev.longshore.cli.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs a container on each node that has pulled the image, and checks what it prints. */
final class ContainerCheck {
  private ContainerCheck() {}

  /** The results with the containers' outcome added. */
  static List<NodeResult> run(
      Map<DemoCluster.Agent, Node> nodes,
      List<NodeResult> pulled,
      String expectedOutput,
      PrintStream out)
      throws InterruptedException {
    List<NodeResult> results = new ArrayList<>();
    List<Node> inOrder = List.copyOf(nodes.values());
    for (int i = 0; i < pulled.size(); i++) {
      NodeResult result = pulled.get(i);
      if (result.failure().isEmpty()) {
        Optional<String> failure = check(inOrder.get(i), expectedOutput);
        out.println("  " + result.name() + ": " + failure.orElse(expectedOutput));
        result =
            new NodeResult(
                result.name(),
                result.arrivedNanos(),
                result.finishedNanos(),
                result.traffic(),
                failure,
                true);
      }
      results.add(result);
    }
    return results;
  }

  private static Optional<String> check(Node node, String expected) throws InterruptedException {
    try {
      String printed = node.run().strip();
      return printed.equals(expected)
          ? Optional.empty()
          : Optional.of("the container printed '" + printed + "', expected '" + expected + "'");
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
