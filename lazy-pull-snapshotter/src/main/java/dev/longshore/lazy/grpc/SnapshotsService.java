package dev.longshore.lazy.grpc;

import com.google.protobuf.Empty;
import dev.longshore.lazy.grpc.proto.CleanupRequest;
import dev.longshore.lazy.grpc.proto.CommitSnapshotRequest;
import dev.longshore.lazy.grpc.proto.ListSnapshotsRequest;
import dev.longshore.lazy.grpc.proto.ListSnapshotsResponse;
import dev.longshore.lazy.grpc.proto.MountsRequest;
import dev.longshore.lazy.grpc.proto.MountsResponse;
import dev.longshore.lazy.grpc.proto.PrepareSnapshotRequest;
import dev.longshore.lazy.grpc.proto.PrepareSnapshotResponse;
import dev.longshore.lazy.grpc.proto.RemoveSnapshotRequest;
import dev.longshore.lazy.grpc.proto.SnapshotsGrpc;
import dev.longshore.lazy.grpc.proto.StatSnapshotRequest;
import dev.longshore.lazy.grpc.proto.StatSnapshotResponse;
import dev.longshore.lazy.grpc.proto.UpdateSnapshotRequest;
import dev.longshore.lazy.grpc.proto.UpdateSnapshotResponse;
import dev.longshore.lazy.grpc.proto.UsageRequest;
import dev.longshore.lazy.grpc.proto.UsageResponse;
import dev.longshore.lazy.grpc.proto.ViewSnapshotRequest;
import dev.longshore.lazy.grpc.proto.ViewSnapshotResponse;
import dev.longshore.lazy.snapshot.SnapshotException;
import dev.longshore.lazy.snapshot.SnapshotInfo;
import dev.longshore.lazy.snapshot.Snapshots;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;

/** Each request as a call of {@link Snapshots}; on a thread that may block. */
final class SnapshotsService extends SnapshotsGrpc.SnapshotsImplBase {

  /** As many as containerd's own server puts in a message. */
  private static final int BATCH = 100;

  private final Snapshots snapshots;

  SnapshotsService(Snapshots snapshots) {
    this.snapshots = snapshots;
  }

  @FunctionalInterface
  private interface Call<A> {
    A answer() throws SnapshotException, IOException;
  }

  private static <A> void answer(String request, StreamObserver<A> to, Call<A> call) {
    tolerateCancellation(to);
    A answer;
    try {
      answer = call.answer();
    } catch (SnapshotException | IOException | RuntimeException e) {
      to.onError(Statuses.of(request, e));
      return;
    }
    to.onNext(answer);
    to.onCompleted();
  }

  /** What nobody waits for any more is done nevertheless, and its answer dropped. */
  private static void tolerateCancellation(StreamObserver<?> to) {
    // Server calls always get this kind: io.grpc.stub.ServerCallStreamObserver's own Javadoc.
    ((ServerCallStreamObserver<?>) to).setOnCancelHandler(() -> {});
  }

  @Override
  public void prepare(PrepareSnapshotRequest q, StreamObserver<PrepareSnapshotResponse> to) {
    answer(
        "prepare " + q.getKey(),
        to,
        () ->
            PrepareSnapshotResponse.newBuilder()
                .addAllMounts(
                    Messages.mounts(snapshots.prepare(q.getKey(), q.getParent(), q.getLabelsMap())))
                .build());
  }

  @Override
  public void view(ViewSnapshotRequest q, StreamObserver<ViewSnapshotResponse> to) {
    answer(
        "view " + q.getKey(),
        to,
        () ->
            ViewSnapshotResponse.newBuilder()
                .addAllMounts(
                    Messages.mounts(snapshots.view(q.getKey(), q.getParent(), q.getLabelsMap())))
                .build());
  }

  @Override
  public void mounts(MountsRequest q, StreamObserver<MountsResponse> to) {
    answer(
        "mounts of " + q.getKey(),
        to,
        () ->
            MountsResponse.newBuilder()
                .addAllMounts(Messages.mounts(snapshots.mounts(q.getKey())))
                .build());
  }

  @Override
  public void commit(CommitSnapshotRequest q, StreamObserver<Empty> to) {
    answer(
        "commit " + q.getKey(),
        to,
        () -> {
          snapshots.commit(q.getName(), q.getKey(), q.getLabelsMap(), q.getParent());
          return Empty.getDefaultInstance();
        });
  }

  @Override
  public void remove(RemoveSnapshotRequest q, StreamObserver<Empty> to) {
    answer(
        "remove " + q.getKey(),
        to,
        () -> {
          snapshots.remove(q.getKey());
          return Empty.getDefaultInstance();
        });
  }

  @Override
  public void stat(StatSnapshotRequest q, StreamObserver<StatSnapshotResponse> to) {
    answer(
        "stat " + q.getKey(),
        to,
        () ->
            StatSnapshotResponse.newBuilder()
                .setInfo(Messages.info(snapshots.stat(q.getKey())))
                .build());
  }

  @Override
  public void update(UpdateSnapshotRequest q, StreamObserver<UpdateSnapshotResponse> to) {
    answer(
        "update " + q.getInfo().getName(),
        to,
        () ->
            UpdateSnapshotResponse.newBuilder()
                .setInfo(
                    Messages.info(
                        snapshots.update(
                            q.getInfo().getName(),
                            q.getInfo().getLabelsMap(),
                            q.getUpdateMask().getPathsList())))
                .build());
  }

  @Override
  public void list(ListSnapshotsRequest q, StreamObserver<ListSnapshotsResponse> to) {
    tolerateCancellation(to);
    List<SnapshotInfo> found;
    try {
      found = snapshots.list(q.getFiltersList());
    } catch (SnapshotException | RuntimeException e) {
      to.onError(Statuses.of("list", e));
      return;
    }
    for (int from = 0; from < found.size(); from += BATCH) {
      var batch = ListSnapshotsResponse.newBuilder();
      found.subList(from, Math.min(from + BATCH, found.size())).stream()
          .map(Messages::info)
          .forEach(batch::addInfo);
      to.onNext(batch.build());
    }
    to.onCompleted();
  }

  @Override
  public void usage(UsageRequest q, StreamObserver<UsageResponse> to) {
    answer("usage of " + q.getKey(), to, () -> Messages.usage(snapshots.usage(q.getKey())));
  }

  @Override
  public void cleanup(CleanupRequest q, StreamObserver<Empty> to) {
    answer(
        "cleanup",
        to,
        () -> {
          snapshots.cleanup();
          return Empty.getDefaultInstance();
        });
  }
}
