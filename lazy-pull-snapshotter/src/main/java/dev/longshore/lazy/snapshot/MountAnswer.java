package dev.longshore.lazy.snapshot;

/** Whether a layer could be mounted. */
public sealed interface MountAnswer permits LayerMount, MountAnswer.Declined {

  /**
   * It could not, or should not; containerd unpacks it.
   *
   * @param reason one phrase for the log
   */
  record Declined(String reason) implements MountAnswer {}
}
