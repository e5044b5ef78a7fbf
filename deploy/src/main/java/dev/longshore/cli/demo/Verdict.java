package dev.longshore.cli.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * The account that ends a demo.
 *
 * @param nodes one result an agent
 * @param imageBytes size of the image
 * @param sourceBytes what the origin sent while the nodes pulled
 */
record Verdict(List<NodeResult> nodes, long imageBytes, long sourceBytes) {
  /** More than this multiple of the image out of the source, and the swarm has not done its job. */
  static final double MOST_EGRESS = 1.1;

  double egress() {
    return (double) sourceBytes / imageBytes;
  }

  boolean good() {
    return egress() <= MOST_EGRESS && nodes.stream().allMatch(node -> node.failure().isEmpty());
  }

  void print(PrintStream out) {
    boolean containers = nodes.stream().anyMatch(NodeResult::ran);
    out.println();
    out.printf(
        Locale.ROOT,
        "  %-9s %9s %12s %13s %13s %13s %10s%n",
        "",
        "time",
        "rate",
        "from source",
        "from seeder",
        "from peers",
        containers ? "unpacked" : "");
    for (NodeResult node : nodes) {
      out.printf(
          Locale.ROOT,
          "  %-9s %7.2f s %7.1f MB/s %10.1f MB %10.1f MB %10.1f MB %10s  %s%n",
          node.name(),
          node.arrivedNanos() / 1e9,
          node.traffic().total() / 1e6 / (node.arrivedNanos() / 1e9),
          node.traffic().fromSource() / 1e6,
          node.traffic().fromSeeders() / 1e6,
          node.traffic().fromPeers() / 1e6,
          containers ? String.format(Locale.ROOT, "%.2f s", node.finishedNanos() / 1e9) : "",
          outcome(node));
    }
    for (NodeResult node : nodes) {
      node.failure().ifPresent(failure -> out.println("  " + node.name() + " FAILED: " + failure));
    }
    out.println();
    out.printf(
        Locale.ROOT,
        "  The source sent %.1f MB for %d nodes: %.2f x the image (%.1f MB); %s %.1f x.%n",
        sourceBytes / 1e6,
        nodes.size(),
        egress(),
        imageBytes / 1e6,
        egress() <= MOST_EGRESS ? "at most" : "EXPECTED AT MOST",
        MOST_EGRESS);
  }

  private static String outcome(NodeResult node) {
    if (node.failure().isPresent()) {
      return "FAILED";
    }
    return node.ran() ? "container ran" : "digests right";
  }
}
