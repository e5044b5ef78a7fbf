package dev.longshore.lazy.grpc;

import com.google.protobuf.Timestamp;
import dev.longshore.lazy.grpc.proto.Info;
import dev.longshore.lazy.grpc.proto.Kind;
import dev.longshore.lazy.grpc.proto.UsageResponse;
import dev.longshore.lazy.snapshot.Mount;
import dev.longshore.lazy.snapshot.SnapshotInfo;
import dev.longshore.lazy.snapshot.Usage;
import java.time.Instant;
import java.util.List;

/** Records as protobuf messages. */
final class Messages {
  private Messages() {}

  static Info info(SnapshotInfo info) {
    return Info.newBuilder()
        .setName(info.name())
        .setParent(info.parent())
        .setKind(kind(info.kind()))
        .setCreatedAt(time(info.created()))
        .setUpdatedAt(time(info.updated()))
        .putAllLabels(info.labels())
        .build();
  }

  private static Kind kind(dev.longshore.lazy.snapshot.Kind kind) {
    return switch (kind) {
      case VIEW -> Kind.VIEW;
      case ACTIVE -> Kind.ACTIVE;
      case COMMITTED -> Kind.COMMITTED;
    };
  }

  private static Timestamp time(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }

  static List<dev.longshore.lazy.grpc.proto.Mount> mounts(List<Mount> mounts) {
    return mounts.stream().map(Messages::mount).toList();
  }

  private static dev.longshore.lazy.grpc.proto.Mount mount(Mount mount) {
    return dev.longshore.lazy.grpc.proto.Mount.newBuilder()
        .setType(mount.type())
        .setSource(mount.source())
        .addAllOptions(mount.options())
        .build();
  }

  static UsageResponse usage(Usage usage) {
    return UsageResponse.newBuilder().setSize(usage.bytes()).setInodes(usage.inodes()).build();
  }
}
