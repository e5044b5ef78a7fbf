package dev.longshore.lazy.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.FieldMask;
import dev.longshore.lazy.grpc.proto.CleanupRequest;
import dev.longshore.lazy.grpc.proto.CommitSnapshotRequest;
import dev.longshore.lazy.grpc.proto.Info;
import dev.longshore.lazy.grpc.proto.Kind;
import dev.longshore.lazy.grpc.proto.ListSnapshotsRequest;
import dev.longshore.lazy.grpc.proto.ListSnapshotsResponse;
import dev.longshore.lazy.grpc.proto.Mount;
import dev.longshore.lazy.grpc.proto.MountsRequest;
import dev.longshore.lazy.grpc.proto.PrepareSnapshotRequest;
import dev.longshore.lazy.grpc.proto.RemoveSnapshotRequest;
import dev.longshore.lazy.grpc.proto.SnapshotsGrpc;
import dev.longshore.lazy.grpc.proto.SnapshotsGrpc.SnapshotsBlockingStub;
import dev.longshore.lazy.grpc.proto.StatSnapshotRequest;
import dev.longshore.lazy.grpc.proto.UpdateSnapshotRequest;
import dev.longshore.lazy.grpc.proto.UsageRequest;
import dev.longshore.lazy.grpc.proto.ViewSnapshotRequest;
import dev.longshore.lazy.snapshot.LayerMount;
import dev.longshore.lazy.snapshot.MountAnswer;
import dev.longshore.lazy.snapshot.NoRemoteLayers;
import dev.longshore.lazy.snapshot.RemoteLayer;
import dev.longshore.lazy.snapshot.RemoteLayers;
import dev.longshore.lazy.snapshot.Snapshots;
import dev.longshore.oci.Digest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SnapshotEndpointTest {
  private Path folder; // short: a socket's path is 107 bytes at most
  private Path socket;
  private Snapshots snapshots;
  private SnapshotEndpoint endpoint;
  private EventLoopGroup eventLoops;
  private ManagedChannel channel;
  private SnapshotsBlockingStub client;

  @BeforeEach
  void start() throws IOException {
    folder = Files.createTempDirectory("lss");
    socket = folder.resolve("run/longshore.sock");
    snapshots = Snapshots.open(folder.resolve("root"), new NoRemoteLayers());
    endpoint = SnapshotEndpoint.listen(socket, snapshots);
    eventLoops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class)
            .eventLoopGroup(eventLoops)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    client = SnapshotsGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() throws IOException {
    channel.shutdownNow();
    endpoint.close();
    snapshots.close();
    var _ = eventLoops.shutdownGracefully();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void assertFails(Status.Code code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
  }

  private List<Mount> prepare(String key, String parent) {
    return client
        .prepare(
            PrepareSnapshotRequest.newBuilder()
                .setSnapshotter("longshore")
                .setKey(key)
                .setParent(parent)
                .putLabels("l", key)
                .build())
        .getMountsList();
  }

  private void commit(String name, String key) {
    var _ =
        client.commit(
            CommitSnapshotRequest.newBuilder()
                .setName(name)
                .setKey(key)
                .putLabels("l", name)
                .build());
  }

  private Info stat(String key) {
    return client.stat(StatSnapshotRequest.newBuilder().setKey(key).build()).getInfo();
  }

  @Test
  void everyRequest_overTheSocket_isAnswered() {
    List<Mount> mounts = prepare("a", "");
    assertThat(mounts).hasSize(1);
    assertThat(mounts.getFirst().getType()).isEqualTo("bind");
    assertThat(mounts.getFirst().getSource()).isEqualTo(folder + "/root/snapshots/1/fs");
    assertThat(mounts.getFirst().getOptionsList()).containsExactly("rw", "rbind");
    assertThat(client.mounts(MountsRequest.newBuilder().setKey("a").build()).getMountsList())
        .isEqualTo(mounts);
    assertThat(stat("a").getKind()).isEqualTo(Kind.ACTIVE);

    commit("c", "a");
    assertThat(stat("c").getKind()).isEqualTo(Kind.COMMITTED);
    assertThat(stat("c").getLabelsMap()).containsEntry("l", "c");
    assertThat(stat("c").getCreatedAt()).isEqualTo(stat("c").getUpdatedAt());
    assertThat(stat("c").getCreatedAt().getSeconds()).isPositive();

    var view = ViewSnapshotRequest.newBuilder().setKey("v").setParent("c").build();
    assertThat(client.view(view).getMounts(0).getOptionsList()).containsExactly("ro", "rbind");
    assertThat(stat("v").getKind()).isEqualTo(Kind.VIEW);
    assertThat(stat("v").getParent()).isEqualTo("c");

    Info updated =
        client
            .update(
                UpdateSnapshotRequest.newBuilder()
                    .setInfo(Info.newBuilder().setName("c").putLabels("m", "1").putLabels("n", "2"))
                    .setUpdateMask(FieldMask.newBuilder().addPaths("labels.m"))
                    .build())
            .getInfo();
    assertThat(updated.getLabelsMap()).containsOnlyKeys("l", "m");

    assertThat(client.usage(UsageRequest.newBuilder().setKey("c").build()).getInodes())
        .isEqualTo(1);
    var _ = client.remove(RemoveSnapshotRequest.newBuilder().setKey("v").build());
    var _ = client.cleanup(CleanupRequest.getDefaultInstance());
    assertThat(folder.resolve("root/snapshots/2")).doesNotExist();
  }

  @Test
  void failures_ofEachKind_haveTheirCode() {
    prepare("a", "");

    assertFails(Status.Code.ALREADY_EXISTS, () -> prepare("a", ""));
    assertFails(Status.Code.NOT_FOUND, () -> stat("nobody"));
    assertFails(Status.Code.INVALID_ARGUMENT, () -> prepare("b", "a"));
    commit("c", "a");
    assertFails(
        Status.Code.FAILED_PRECONDITION,
        () -> client.mounts(MountsRequest.newBuilder().setKey("c").build()));
  }

  @Test
  void prepare_nobodyWaitsAnyMore_isDoneNevertheless() throws Exception {
    Digest content = Digest.sha256(new byte[1]);
    var mounting = new CountDownLatch(1);
    RemoteLayers slow = new SlowLayers(folder, content, mounting);
    var labels =
        Map.of(
            "containerd.io/snapshot.ref", content.toString(),
            "containerd.io/snapshot/cri.image-ref", "registry.example/app:v1",
            "containerd.io/snapshot/cri.layer-digest", content.toString());
    var request = PrepareSnapshotRequest.newBuilder().setKey("k").putAllLabels(labels).build();
    restart(slow);

    assertFails(
        Status.Code.DEADLINE_EXCEEDED,
        () -> client.withDeadlineAfter(300, TimeUnit.MILLISECONDS).prepare(request));
    mounting.countDown();

    await().until(() -> snapshots.counts().containsKey("remote"));
    assertFails(Status.Code.ALREADY_EXISTS, () -> client.prepare(request));
  }

  private void restart(RemoteLayers layers) throws IOException {
    endpoint.close();
    snapshots.close();
    snapshots = Snapshots.open(folder.resolve("root"), layers);
    endpoint = SnapshotEndpoint.listen(socket, snapshots);
  }

  private record SlowLayers(Path directory, Digest diffId, CountDownLatch mounting)
      implements RemoteLayers {
    @Override
    public MountAnswer mount(RemoteLayer wanted) throws IOException {
      try {
        mounting.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      return restore(wanted.layer());
    }

    @Override
    public LayerMount restore(Digest layer) {
      return new LayerMount(directory, diffId);
    }

    @Override
    public void keepOnly(Set<Digest> layers) {}

    @Override
    public void release(Digest layer) {}
  }

  @Test
  void list_moreThanABatch_comesInBatches() {
    for (int i = 0; i < 230; i++) {
      prepare("key %03d".formatted(i), "");
    }
    List<Integer> sizes = new ArrayList<>();
    client
        .list(ListSnapshotsRequest.newBuilder().addFilters("name!=\"key 007\"").build())
        .forEachRemaining((ListSnapshotsResponse batch) -> sizes.add(batch.getInfoCount()));

    assertThat(sizes).containsExactly(100, 100, 29);
    assertThat(client.list(ListSnapshotsRequest.newBuilder().addFilters("kind==view").build()))
        .isExhausted();
  }

  @Test
  void list_malformedFilter_isInvalidArgument() {
    assertFails(
        Status.Code.INVALID_ARGUMENT,
        () -> client.list(ListSnapshotsRequest.newBuilder().addFilters("name=").build()).next());
  }

  @Test
  void listen_socket_isForItsOwnerAlone() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-------");
    try (Stream<Path> files = Files.list(folder.resolve("run"))) {
      assertThat(files).containsExactly(socket);
    }
  }

  @Test
  void listen_whereSomebodyAnswers_fails() {
    assertThatThrownBy(() -> SnapshotEndpoint.listen(socket, snapshots))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another process answers");
    assertThat(prepare("still served", "")).hasSize(1);
  }

  @Test
  void listen_whereAFileIs_fails() throws IOException {
    Path file = Files.writeString(folder.resolve("precious"), "text");

    assertThatThrownBy(() -> SnapshotEndpoint.listen(file, snapshots))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no socket");
    assertThat(file).hasContent("text");
  }

  @Test
  void listen_deadSocket_isReplaced() throws IOException {
    Path dead = folder.resolve("dead.sock");
    try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      left.bind(UnixDomainSocketAddress.of(dead));
    }
    assertThat(dead).exists();

    SnapshotEndpoint.listen(dead, snapshots).close();

    assertThat(dead).doesNotExist();
  }

  @Test
  void listen_pathTooLong_saysSo() {
    assertThatThrownBy(() -> SnapshotEndpoint.listen(folder.resolve("x".repeat(100)), snapshots))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too long for a Unix socket");
  }

  @Test
  void close_socket_isRemovedAndAnothersIsNot() throws IOException {
    Path other = folder.resolve("other.sock");
    SnapshotEndpoint first = SnapshotEndpoint.listen(other, snapshots);
    Files.delete(other);
    try (SnapshotEndpoint _ = SnapshotEndpoint.listen(other, snapshots)) {
      first.close();
      assertThat(other).exists();
    }
    await().until(() -> !Files.exists(other));
  }
}
