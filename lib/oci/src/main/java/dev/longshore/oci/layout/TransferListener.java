package dev.longshore.oci.layout;

import dev.longshore.oci.Descriptor;
import java.util.List;

/** Hears how a push or a pull gets on; called by several threads at once. */
public interface TransferListener {

  /** How a blob came to be where it should be. */
  enum Outcome {
    TRANSFERRED,
    ALREADY_THERE,
    MOUNTED,
    /** A foreign layer that this side does not have and need not have. */
    LEFT_OUT
  }

  /** The blobs of the image, each once, before the first of them is looked at. */
  default void planned(List<Descriptor> blobs) {}

  /**
   * A transfer goes on where an earlier one was cut; comes before its first {@link #progress}.
   *
   * @param had bytes of this blob that were here before; 0 when they turn out to be of no use
   */
  default void resumed(Descriptor blob, long had) {
    progress(blob, had);
  }

  /**
   * Some bytes more.
   *
   * @param done bytes of this blob that are over, from its first; may step back after a cut
   */
  void progress(Descriptor blob, long done);

  void finished(Descriptor blob, Outcome outcome);

  /** Hears nothing. */
  static TransferListener silent() {
    return new TransferListener() {
      @Override
      public void progress(Descriptor blob, long done) {}

      @Override
      public void finished(Descriptor blob, Outcome outcome) {}
    };
  }
}
