package dev.longshore.bench.origin;

import dev.longshore.bench.measure.Samples;
import dev.longshore.bench.measure.ServerProcess;
import java.net.URI;

/** One of the servers, where it serves the content, and what was measured of it. */
final class Contender implements AutoCloseable {
  final String name;
  final ServerProcess process;
  final URI base;
  final URI manifest;
  final URI blob;

  final Samples manifestRate = new Samples();
  final Samples blobRate = new Samples();
  final Samples blobCpu = new Samples();
  final Samples pushRate = new Samples();
  final Samples pushCpu = new Samples();

  Contender(String name, ServerProcess process, URI base, String manifest, String blob) {
    this.name = name;
    this.process = process;
    this.base = base;
    this.manifest = base.resolve(manifest);
    this.blob = base.resolve(blob);
  }

  @Override
  public void close() {
    process.close();
  }
}
