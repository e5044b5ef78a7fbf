package dev.longshore.swarm.node;

import java.io.IOException;
import java.io.InputStream;

/** Reads a blob at its source with the right credentials. Called on virtual threads; may block. */
@FunctionalInterface
public interface SourceReader {

  /**
   * Opens a stream of exactly these bytes of the blob; the caller closes it.
   *
   * @throws SourceDeniedException if asking again would not help: the blob is not there, or these
   *     credentials may not read it
   */
  InputStream read(long offset, long length) throws IOException;
}
