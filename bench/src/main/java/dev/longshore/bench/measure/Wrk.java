package dev.longshore.bench.measure;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Drives HTTP load with wrk. */
public final class Wrk {
  private static final String MARK = "longshore";

  /** Prints what wrk knows exactly; its own report is rounded. */
  private static final String SCRIPT =
      """
      wrk.headers["Accept"] = "application/vnd.oci.image.manifest.v1+json"
      done = function(summary, latency, requests)
        local e = summary.errors
        io.write(string.format("%s %%d %%d %%d %%d\\n", summary.requests, summary.bytes,
          summary.duration, e.connect + e.read + e.write + e.status + e.timeout))
      end
      """
          .formatted(MARK);

  private final Path program;
  private final Path script;

  public Wrk(Path folder) throws IOException {
    this.program = Tools.WRK.path();
    this.script = Files.writeString(folder.resolve("wrk.lua"), SCRIPT);
  }

  /** What one run did. */
  public record Load(long requests, long bytes, double seconds) {
    public double requestsPerSecond() {
      return requests / seconds;
    }

    public double gigabytes() {
      return bytes / 1e9;
    }

    public double gigabytesPerSecond() {
      return gigabytes() / seconds;
    }
  }

  /**
   * One thread, so many connections.
   *
   * @throws IOException also if any request failed
   */
  public Load run(URI url, int connections, Duration time)
      throws IOException, InterruptedException {
    List<String> command =
        List.of(
            program.toString(),
            "-t1",
            "-c" + connections,
            "-d" + time.toSeconds() + "s",
            "--timeout",
            "30s",
            "-s",
            script.toString(),
            url.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    Optional<String> line = output.lines().filter(text -> text.startsWith(MARK + " ")).findFirst();
    if (process.waitFor() != 0 || line.isEmpty()) {
      throw new IOException(String.join(" ", command) + " failed:\n" + output);
    }
    String[] words = line.get().split(" ", -1);
    if (!words[4].equals("0")) {
      throw new IOException(url + " failed " + words[4] + " requests under load:\n" + output);
    }
    return new Load(
        Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3]) / 1e6);
  }
}
