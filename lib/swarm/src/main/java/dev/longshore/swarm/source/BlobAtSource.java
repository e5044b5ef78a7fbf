package dev.longshore.swarm.source;

import dev.longshore.oci.Digest;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.node.SourceReader;
import java.io.IOException;
import java.util.Optional;

/** A blob that a caller may read, at its source and with the caller's rights. */
public interface BlobAtSource extends SourceReader {

  Digest digest();

  /** Bytes, as the source or a manifest says. */
  long size();

  SourceRef source();

  /**
   * The signed map, when the source is an origin of this cluster that has it.
   *
   * @throws RefusedPieceMapException if it has one that no trusted key signed, or of another blob
   */
  Optional<SignedPieceMap> pieces() throws IOException;
}
