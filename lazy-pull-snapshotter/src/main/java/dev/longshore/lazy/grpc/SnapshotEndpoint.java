package dev.longshore.lazy.grpc;

import dev.longshore.lazy.snapshot.Snapshots;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Answers containerd on a Unix socket. */
public final class SnapshotEndpoint implements AutoCloseable {
  private final SocketFile socket;
  private final EventLoopGroup eventLoops;
  private final ExecutorService handlers;
  private final Server server;

  private SnapshotEndpoint(
      SocketFile socket, EventLoopGroup eventLoops, ExecutorService handlers, Server server) {
    this.socket = socket;
    this.eventLoops = eventLoops;
    this.handlers = handlers;
    this.server = server;
  }

  /**
   * Binds and serves. The socket is for its owner alone; one that a dead process left is replaced.
   *
   * @param socket its folder is made if it is not there
   * @throws IOException if the path is too long, cannot be bound, or somebody answers there
   */
  public static SnapshotEndpoint listen(Path socket, Snapshots snapshots) throws IOException {
    SocketFile file = SocketFile.prepare(socket);
    EventLoopGroup eventLoops =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("snapshots-io"), NioIoHandler.newFactory());
    ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
    Server server =
        NettyServerBuilder.forAddress(file.bindAddress())
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(eventLoops)
            .workerEventLoopGroup(eventLoops)
            .executor(handlers)
            .addService(new SnapshotsService(snapshots))
            .build();
    var endpoint = new SnapshotEndpoint(file, eventLoops, handlers, server);
    try {
      server.start();
      file.publish();
      return endpoint;
    } catch (IOException | RuntimeException e) {
      endpoint.close();
      throw e;
    }
  }

  /** Takes no new requests and lets the running ones finish, within the grace. */
  public void stop(Duration grace) throws InterruptedException {
    server.shutdown();
    var _ = server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Ends every request and removes the socket. */
  @Override
  public void close() throws IOException {
    server.shutdownNow();
    try {
      var _ = server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      handlers.shutdown();
      var _ = eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      socket.remove();
    }
  }
}
