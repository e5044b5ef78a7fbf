package dev.longshore.cli.status;

import dev.longshore.cli.admin.AdminEndpoint;
import dev.longshore.oci.Digest;
import dev.longshore.oci.json.BoundedJson;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What a tracker and an agent tell; looked at twice while something moves, for the rates. */
public final class StatusReport {
  /** Members tell a tracker their progress twice a second: less than this would show its steps. */
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

  private final @Nullable TrackerView trackerBefore;
  private final @Nullable TrackerView tracker;
  private final @Nullable AgentView agentBefore;
  private final @Nullable AgentView agent;
  private final boolean ofSomeBlobs;

  private StatusReport(
      @Nullable TrackerView trackerBefore,
      @Nullable TrackerView tracker,
      @Nullable AgentView agentBefore,
      @Nullable AgentView agent,
      boolean ofSomeBlobs) {
    this.trackerBefore = trackerBefore;
    this.tracker = tracker;
    this.agentBefore = agentBefore;
    this.agent = agent;
    this.ofSomeBlobs = ofSomeBlobs;
  }

  /**
   * Asks.
   *
   * @param tracker the admin address of one; empty not to ask any
   * @param agent the admin address of one; empty not to ask any
   * @param blobs the ones to look at; none for an overview
   */
  public static StatusReport take(
      Optional<HostAndPort> tracker, Optional<HostAndPort> agent, List<Digest> blobs)
      throws IOException, InterruptedException {
    @Nullable AdminEndpoint trackerAdmin = tracker.map(AdminEndpoint::new).orElse(null);
    @Nullable AdminEndpoint agentAdmin = agent.map(AdminEndpoint::new).orElse(null);
    TrackerView trackerFirst = trackerAdmin == null ? null : TrackerView.of(trackerAdmin, blobs);
    AgentView agentFirst = agentAdmin == null ? null : AgentView.of(agentAdmin, blobs);
    TrackerView trackerLast = trackerFirst;
    AgentView agentLast = agentFirst;
    if ((trackerFirst != null && trackerFirst.anyUnderWay())
        || (agentFirst != null && agentFirst.anyUnderWay())) {
      Thread.sleep(BETWEEN_LOOKS);
      trackerLast = trackerAdmin == null ? null : TrackerView.of(trackerAdmin, blobs);
      agentLast = agentAdmin == null ? null : AgentView.of(agentAdmin, blobs);
    }
    return new StatusReport(trackerFirst, trackerLast, agentFirst, agentLast, !blobs.isEmpty());
  }

  /** For machines; a part that was not asked is null. */
  public ObjectNode json() {
    ObjectNode root = BoundedJson.newObject();
    if (tracker != null && trackerBefore != null) {
      root.set("tracker", tracker.json(trackerBefore));
    } else {
      root.putNull("tracker");
    }
    if (agent != null && agentBefore != null) {
      root.set("agent", agent.json(agentBefore));
    } else {
      root.putNull("agent");
    }
    return root;
  }

  /** For people. */
  public void print(PrintWriter out) {
    if (tracker != null && trackerBefore != null) {
      tracker.print(out, trackerBefore, ofSomeBlobs);
    }
    if (agent != null && agentBefore != null) {
      if (tracker != null) {
        out.println();
      }
      agent.print(out, agentBefore);
    }
    out.flush();
  }
}
