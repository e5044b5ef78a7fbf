package dev.longshore.bench.sim;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceLayout;
import dev.longshore.swarm.SourceRef;
import java.nio.charset.StandardCharsets;

/**
 * One layer of the image that everybody pulls.
 *
 * @param index its place among the layers
 */
record SimBlob(int index, Digest digest, PieceLayout layout) {
  static final SourceRef SOURCE = new SourceRef("registry.example", "library/app");

  static SimBlob of(int index, long size) {
    Digest digest = Digest.sha256(("layer " + index).getBytes(StandardCharsets.UTF_8));
    return new SimBlob(index, digest, PieceLayout.forSize(size));
  }

  int pieces() {
    return layout.count();
  }
}
