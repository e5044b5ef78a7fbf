package dev.longshore.swarm.tracker;

import dev.longshore.swarm.tracker.proto.FromMember;
import dev.longshore.swarm.tracker.proto.FromTracker;
import dev.longshore.swarm.tracker.proto.TrackerGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Listens for members and hands their messages to a {@link TrackerService}. */
public final class TrackerEndpoint implements AutoCloseable {
  private static final Context.Key<String> REMOTE_HOST = Context.key("remote-host");
  private static final long KEEPALIVE_SECONDS = 10;

  private final EventLoopGroup eventLoops;
  private final ExecutorService handlers;
  private final Server server;

  private TrackerEndpoint(EventLoopGroup eventLoops, ExecutorService handlers, Server server) {
    this.eventLoops = eventLoops;
    this.handlers = handlers;
    this.server = server;
  }

  /**
   * Binds and serves.
   *
   * @throws IOException if the address cannot be bound
   */
  public static TrackerEndpoint listen(InetSocketAddress address, TrackerService service)
      throws IOException {
    EventLoopGroup eventLoops =
        new MultiThreadIoEventLoopGroup(
            2, new DefaultThreadFactory("tracker-io"), NioIoHandler.newFactory());
    // Handlers wait for the state's lock and encode answers: not a thing for an event loop.
    ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
    Server server =
        NettyServerBuilder.forAddress(address)
            .channelType(NioServerSocketChannel.class)
            .bossEventLoopGroup(eventLoops)
            .workerEventLoopGroup(eventLoops)
            .executor(handlers)
            .intercept(new RemoteHost())
            .addService(new Sessions(service))
            .maxInboundMessageSize(Messages.MAX_BYTES)
            .maxConcurrentCallsPerConnection(4)
            // A member whose machine died says nothing: find out, and let clients do the same.
            .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(KEEPALIVE_SECONDS / 2, TimeUnit.SECONDS)
            .permitKeepAliveTime(KEEPALIVE_SECONDS / 2, TimeUnit.SECONDS)
            .build();
    try {
      server.start();
    } catch (IOException e) {
      handlers.shutdownNow();
      var _ = eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw e;
    }
    return new TrackerEndpoint(eventLoops, handlers, server);
  }

  /** The bound port. */
  public int port() {
    return server.getPort();
  }

  /** Ends every session and stops listening. */
  @Override
  public void close() {
    server.shutdownNow();
    try {
      if (!server.awaitTermination(5, TimeUnit.SECONDS)) {
        throw new IllegalStateException("tracker sessions did not end within 5 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      handlers.shutdown();
      var _ = eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  private static final class Sessions extends TrackerGrpc.TrackerImplBase {
    private final TrackerService service;

    Sessions(TrackerService service) {
      this.service = service;
    }

    @Override
    public StreamObserver<FromMember> session(StreamObserver<FromTracker> answers) {
      // Server calls always get this kind: io.grpc.stub.ServerCallStreamObserver's own Javadoc.
      MemberStream stream =
          new MemberStream((ServerCallStreamObserver<FromTracker>) answers, REMOTE_HOST.get());
      stream.start(service);
      return stream;
    }
  }

  /** Makes the member's IP address known to the call's handler. */
  private static final class RemoteHost implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      SocketAddress remote = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
      String host =
          remote instanceof InetSocketAddress inet ? inet.getAddress().getHostAddress() : "";
      return Contexts.interceptCall(
          Context.current().withValue(REMOTE_HOST, host), call, headers, next);
    }
  }
}
