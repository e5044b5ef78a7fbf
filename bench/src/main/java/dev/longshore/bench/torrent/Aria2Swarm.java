package dev.longshore.bench.torrent;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.longshore.bench.content.LargeBlob;
import dev.longshore.bench.measure.CpuTime;
import dev.longshore.bench.measure.MissingToolException;
import dev.longshore.bench.measure.PullResult;
import dev.longshore.bench.measure.ServerProcess;
import dev.longshore.bench.measure.Tools;
import dev.longshore.service.unit.DataRate;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** BitTorrent by aria2: a seeder that has the blob, and leechers that want it. */
public final class Aria2Swarm implements AutoCloseable {
  private static final String NAME = "blob";
  private static final Duration LIMIT = Duration.ofMinutes(15);

  private final Path folder;
  private final Path torrent;
  private final long rate;
  private final TorrentTracker tracker;
  private final List<ServerProcess> all = new ArrayList<>();

  /**
   * A swarm without members.
   *
   * @param cap most that each member sends and receives
   */
  public Aria2Swarm(Path folder, DataRate cap) throws IOException {
    this.folder = folder;
    this.torrent = folder.resolve(NAME + ".torrent");
    this.rate = cap.bytesPerSecond();
    this.tracker = new TorrentTracker();
  }

  /** Starts the seeder. */
  public void seed(LargeBlob blob) throws IOException, MissingToolException {
    Path seed = Files.createDirectories(folder.resolve("seed"));
    try (InputStream in = blob.open(0)) {
      Files.copy(in, seed.resolve(NAME));
    }
    Files.write(torrent, Torrent.metainfo(tracker.url(), NAME, blob));
    start("aria2-seeder", seed, "--bt-seed-unverified=true");
  }

  /** Starts leechers, which all begin at once. */
  public PullResult pull(int leechers)
      throws IOException, InterruptedException, MissingToolException {
    List<Path> done = new ArrayList<>();
    List<ServerProcess> wanting = new ArrayList<>();
    long begin = System.nanoTime();
    for (int i = 1; i <= leechers; i++) {
      Path own = Files.createDirectories(folder.resolve("aria2-" + i));
      done.add(own.resolve("done"));
      wanting.add(start("aria2-" + i, own, "--on-bt-download-complete=" + whenDone(own)));
    }
    List<Double> seconds = await(done, begin);
    CpuTime cpu = CpuTime.NONE;
    long memory = 0;
    for (ServerProcess process : wanting) {
      cpu = cpu.plus(process.cpuTime());
      memory = Math.max(memory, process.peakMemory());
    }
    return new PullResult(seconds, cpu, memory);
  }

  private ServerProcess start(String name, Path to, String... more)
      throws IOException, MissingToolException {
    List<String> command = new ArrayList<>();
    command.add(Tools.ARIA2.path().toString());
    command.addAll(
        List.of(
            "--no-conf",
            "--quiet",
            "--dir=" + to,
            "--listen-port=" + ServerProcess.freePort(),
            "--interface=127.0.0.1",
            "--enable-dht=false",
            "--enable-dht6=false",
            "--bt-enable-lpd=false",
            "--file-allocation=none",
            "--seed-ratio=0.0",
            "--bt-max-peers=0",
            "--bt-tracker-interval=1",
            "--max-overall-upload-limit=" + rate,
            "--max-overall-download-limit=" + rate));
    command.addAll(List.of(more));
    command.add(torrent.toString());
    ServerProcess process = ServerProcess.start(name, folder, command);
    all.add(process);
    return process;
  }

  /** A program that leaves a file behind when the blob is whole. */
  private static Path whenDone(Path folder) throws IOException {
    Path script = folder.resolve("when-done");
    Files.writeString(script, "#!/bin/sh\n: >'" + folder.resolve("done") + "'\n", US_ASCII);
    if (!script.toFile().setExecutable(true)) {
      throw new IOException("cannot make " + script + " executable");
    }
    return script;
  }

  private static List<Double> await(List<Path> done, long begin)
      throws IOException, InterruptedException {
    List<Path> open = new ArrayList<>(done);
    List<Double> seconds = new ArrayList<>();
    while (!open.isEmpty()) {
      double now = (System.nanoTime() - begin) / 1e9;
      if (now > LIMIT.toSeconds()) {
        throw new IOException(open.size() + " of " + done.size() + " never got the blob");
      }
      if (open.removeIf(Files::exists)) {
        while (seconds.size() < done.size() - open.size()) {
          seconds.add(now);
        }
      }
      Thread.sleep(20);
    }
    return seconds;
  }

  @Override
  public void close() {
    all.reversed().forEach(ServerProcess::close);
    tracker.close();
  }
}
