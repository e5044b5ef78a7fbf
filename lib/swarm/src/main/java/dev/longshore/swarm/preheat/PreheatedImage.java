package dev.longshore.swarm.preheat;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.swarm.store.PieceStore.BlobSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * An image that was asked for, and what it is made of.
 *
 * @param image as it was named
 * @param platform as it was asked for, {@code all} for every one
 * @param digest of the manifest or index that this is
 */
record PreheatedImage(String image, String platform, Digest digest, List<Descriptor> blobs) {

  /** How an image stands, for JSON: done, failed (nothing is left to try) or running. */
  record Report(
      String image,
      String platform,
      String digest,
      String state,
      long bytes,
      long held,
      List<BlobReport> blobs) {}

  /**
   * One of its blobs.
   *
   * @param held bytes that are here
   * @param state as {@link FetchQueue.State}
   * @param failure of the last attempt, null when there was none
   */
  record BlobReport(
      String digest, long size, long held, String state, int attempts, @Nullable String failure) {}

  PreheatedImage {
    blobs = List.copyOf(blobs);
  }

  /**
   * The state now.
   *
   * @param queued how the queue has a blob, null when it does not
   * @param stored every blob in the store
   * @param arrived bytes of a blob beside the store
   */
  Report report(
      Function<Digest, FetchQueue.@Nullable Report> queued,
      Map<Digest, BlobSummary> stored,
      ToLongFunction<Digest> arrived) {
    List<BlobReport> reports = new ArrayList<>();
    for (Descriptor blob : blobs) {
      reports.add(
          report(
              blob,
              queued.apply(blob.digest()),
              stored.get(blob.digest()),
              arrived.applyAsLong(blob.digest())));
    }
    return new Report(
        image,
        platform,
        digest.toString(),
        stateOf(reports),
        reports.stream().mapToLong(BlobReport::size).sum(),
        reports.stream().mapToLong(BlobReport::held).sum(),
        reports);
  }

  private static BlobReport report(
      Descriptor blob,
      FetchQueue.@Nullable Report queued,
      @Nullable BlobSummary stored,
      long arrived) {
    boolean whole = blob.size() == 0 || (stored != null && stored.complete());
    long inStore =
        stored == null
            ? 0
            : stored.complete() ? blob.size() : blob.size() * stored.held() / stored.pieces();
    long held = Math.min(blob.size(), Math.max(inStore, arrived));
    FetchQueue.State state = FetchQueue.State.GIVEN_UP;
    String failure = "forgotten among too many others; ask again";
    int attempts = 0;
    if (queued != null) {
      state = queued.state();
      failure = queued.lastFailure();
      attempts = queued.attempts();
    }
    if (whole) {
      state = FetchQueue.State.DONE;
      failure = null;
    } else if (state == FetchQueue.State.DONE) {
      state = FetchQueue.State.GIVEN_UP;
      failure = "it came and was evicted again: the store has no room for all of the image";
    }
    return new BlobReport(
        blob.digest().toString(), blob.size(), held, state.toString(), attempts, failure);
  }

  private static String stateOf(List<BlobReport> blobs) {
    String done = FetchQueue.State.DONE.toString();
    String givenUp = FetchQueue.State.GIVEN_UP.toString();
    if (blobs.stream().allMatch(blob -> blob.state().equals(done))) {
      return "done";
    }
    boolean over =
        blobs.stream().allMatch(blob -> blob.state().equals(done) || blob.state().equals(givenUp));
    return over ? "failed" : "running";
  }
}
