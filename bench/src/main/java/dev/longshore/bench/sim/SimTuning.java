package dev.longshore.bench.sim;

import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.DataSize;
import dev.longshore.swarm.engine.EngineSettings;
import java.time.Duration;

/** What of a node may be tuned, to see what it does to a swarm; the defaults are what ships. */
public record SimTuning(
    @Setting(value = "most that a download leases from the source", defaultValue = "4MiB")
        DataSize sourceWindow,
    @Setting(value = "most that a download has asked for and not stored", defaultValue = "64MiB")
        DataSize inFlight,
    @Setting(value = "how far ahead of the reader a download goes in order", defaultValue = "2MiB")
        DataSize readerWindow,
    @Setting(value = "how much of a peer's rate may wait in its queue", defaultValue = "100ms")
        Duration queueTarget,
    @Setting(value = "fewest requests open to a peer", defaultValue = "2") int minPipeline,
    @Setting(value = "members of a blob at which no more are dialed", defaultValue = "16")
        int peers,
    @Setting("who has everything sends a piece twice before it has sent each once")
        boolean holdersRepeat) {

  /** What ships. */
  static SimTuning shipped() {
    EngineSettings engine = EngineSettings.defaults();
    return new SimTuning(
        new DataSize(engine.sourceWindowBytes()),
        new DataSize(engine.maxInFlightBytes()),
        new DataSize(engine.windowBytes()),
        Duration.ofNanos(engine.queueTarget()),
        engine.minPipeline(),
        16,
        false);
  }

  EngineSettings engine() {
    EngineSettings shipped = EngineSettings.defaults();
    return new EngineSettings(
        readerWindow.bytes(),
        inFlight.bytes(),
        minPipeline,
        Math.max(minPipeline, shipped.maxPipeline()),
        queueTarget.toNanos(),
        shipped.hedgeAfter(),
        shipped.endgameHedgeAfter(),
        shipped.requestTimeout(),
        shipped.snub(),
        shipped.endgamePieces(),
        sourceWindow.bytes(),
        shipped.sourceGrace(),
        shipped.stall(),
        shipped.giveUp(),
        shipped.tick());
  }
}
