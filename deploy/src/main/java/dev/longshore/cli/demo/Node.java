package dev.longshore.cli.demo;

import java.io.IOException;

/** What pulls the image on one node, through that node's agent. */
interface Node extends AutoCloseable {

  /** Pulls the whole image, its digests checked; tells nobody before it has everything. */
  void pull() throws IOException, InterruptedException;

  /** Runs a container of the image and returns what it printed. */
  String run() throws IOException, InterruptedException;

  @Override
  void close() throws IOException;
}
