package dev.longshore.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.layout.TransferListener.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransferProgressTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Descriptor BIG = blob(1, 1_000);
  private static final Descriptor SMALL = blob(2, 100);

  private long now;
  private final TransferProgress progress = new TransferProgress(() -> now, null);

  private static Descriptor blob(int name, long size) {
    return new Descriptor(MediaTypes.OCI_LAYER, Digest.sha256(new byte[] {(byte) name}), size);
  }

  private ProgressSnapshot snapshot() {
    return progress.snapshot().orElseThrow();
  }

  @Test
  void snapshot_beforeThePlan_isEmpty() {
    assertThat(progress.snapshot()).isEmpty();
  }

  @Test
  void snapshot_blobThereAlready_isDoneButNotReceived() {
    progress.planned(List.of(BIG, SMALL));
    progress.finished(SMALL, Outcome.ALREADY_THERE);
    progress.progress(BIG, 300);

    assertThat(snapshot().total()).isEqualTo(1_100);
    assertThat(snapshot().done()).isEqualTo(400);
    assertThat(snapshot().received()).isEqualTo(300);
  }

  @Test
  void snapshot_resumed_countsOnlyWhatCame() {
    progress.planned(List.of(BIG));
    progress.resumed(BIG, 600);
    progress.progress(BIG, 700);
    assertThat(snapshot().received()).isEqualTo(100);

    progress.resumed(BIG, 0); // what was there was of no use
    progress.progress(BIG, 200);
    assertThat(snapshot().done()).isEqualTo(200);
    assertThat(snapshot().received()).isEqualTo(200);
  }

  @Test
  void rate_afterAStall_fallsToNothing() {
    progress.planned(List.of(BIG));
    now = SECOND;
    progress.progress(BIG, 500);
    assertThat(snapshot().bytesPerSecond()).isEqualTo(500);
    assertThat(snapshot().secondsLeft()).contains(1L);
    for (int i = 0; i < 10; i++) {
      now += SECOND;
      var _ = snapshot();
    }
    assertThat(snapshot().bytesPerSecond()).isZero();
    assertThat(snapshot().secondsLeft()).isEmpty();
  }
}
