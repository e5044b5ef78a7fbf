package dev.longshore.service.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FileRegion;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.channels.FileChannel;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The event loops of one process part and the channel classes that go with them. */
public final class Transport implements AutoCloseable {

  /** What moves the bytes. */
  public enum Kind {
    IO_URING,
    EPOLL,
    NIO;

    /** Whether this machine can run it. */
    public boolean isAvailable() {
      return whyUnavailable() == null;
    }

    /** Why this machine cannot run it, or null when it can. */
    public @Nullable Throwable whyUnavailable() {
      return switch (this) {
        case IO_URING -> IoUring.unavailabilityCause();
        case EPOLL -> Epoll.unavailabilityCause();
        case NIO -> null;
      };
    }
  }

  // IoUringFileRegion splices through kernel worker threads, by default without a bound
  // (https://github.com/netty/netty/issues/15125: thousands of them).
  private static final int MAX_UNBOUNDED_KERNEL_WORKERS = 16;

  private final Kind kind;
  private final UringTuning tuning;
  private final EventLoopGroup group;

  private Transport(Kind kind, UringTuning tuning, EventLoopGroup group) {
    this.kind = kind;
    this.tuning = tuning;
    this.group = group;
  }

  /**
   * Starts the event loops.
   *
   * @param name of their threads
   * @param threads how many loops; 0 for one a processor
   * @throws IllegalStateException if this machine cannot run what was asked for by name
   */
  public static Transport choose(TransportChoice choice, String name, int threads) {
    return start(kindOf(choice), UringTuning.NONE, name, threads);
  }

  /**
   * Starts event loops on io_uring with more of it than daemons use.
   *
   * @param name of their threads
   * @param threads how many loops; 0 for one a processor
   * @throws IllegalStateException if this machine cannot run io_uring
   */
  public static Transport tuned(UringTuning tuning, String name, int threads) {
    return start(required(Kind.IO_URING), tuning, name, threads);
  }

  /** One event loop a processor. */
  public static Transport choose(TransportChoice choice, String name) {
    return choose(choice, name, 0);
  }

  /**
   * As few event loops as serve a node: one, and one more for every eight processors, at most four.
   * Bulk bytes are hashed and written on other threads, and what crosses from loop to loop costs a
   * wake-up each time.
   */
  public static Transport chooseForNode(TransportChoice choice, String name) {
    return choose(choice, name, Math.min(4, 1 + Runtime.getRuntime().availableProcessors() / 8));
  }

  private static Kind kindOf(TransportChoice choice) {
    return switch (choice) {
      case AUTO -> Kind.EPOLL.isAvailable() ? Kind.EPOLL : Kind.NIO;
      case IO_URING -> required(Kind.IO_URING);
      case EPOLL -> required(Kind.EPOLL);
      case NIO -> Kind.NIO;
    };
  }

  private static Kind required(Kind kind) {
    Throwable reason = kind.whyUnavailable();
    if (reason != null) {
      throw new IllegalStateException(
          "--transport "
              + kind.name().toLowerCase(Locale.ROOT)
              + " does not work on this machine ("
              + reason.getMessage()
              + "); use --transport auto",
          reason);
    }
    return kind;
  }

  private static Transport start(Kind kind, UringTuning tuning, String name, int threads) {
    IoHandlerFactory factory =
        switch (kind) {
          case IO_URING -> ioUring(tuning);
          case EPOLL -> EpollIoHandler.newFactory();
          case NIO -> NioIoHandler.newFactory();
        };
    int loops = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    return new Transport(
        kind,
        tuning,
        new MultiThreadIoEventLoopGroup(loops, new DefaultThreadFactory(name, true), factory));
  }

  private static IoHandlerFactory ioUring(UringTuning tuning) {
    var config = new IoUringIoHandlerConfig().setMaxUnboundedWorker(MAX_UNBOUNDED_KERNEL_WORKERS);
    tuning.applyTo(config);
    return IoUringIoHandler.newFactory(config);
  }

  public Kind kind() {
    return kind;
  }

  /** Accepts, reads and writes; each loop is one thread that must never block. */
  public EventLoopGroup eventLoops() {
    return group;
  }

  public Class<? extends ServerSocketChannel> serverChannel() {
    return switch (kind) {
      case IO_URING -> IoUringServerSocketChannel.class;
      case EPOLL -> EpollServerSocketChannel.class;
      case NIO -> NioServerSocketChannel.class;
    };
  }

  public Class<? extends SocketChannel> clientChannel() {
    return switch (kind) {
      case IO_URING -> IoUringSocketChannel.class;
      case EPOLL -> EpollSocketChannel.class;
      case NIO -> NioSocketChannel.class;
    };
  }

  /** Gives what listens these event loops, and its connections what they need on them. */
  public ServerBootstrap attach(ServerBootstrap server) {
    tuning.setOptions(server::childOption);
    return server.group(group).channel(serverChannel());
  }

  /** Gives what dials these event loops, and its connections what they need on them. */
  public Bootstrap attach(Bootstrap client) {
    tuning.setOptions(client::option);
    return client.group(group).channel(clientChannel());
  }

  /**
   * A range of a file to write to a channel of this transport in the clear (sendfile or its like).
   * The file stays the caller's: it is not closed when the region has been written, and must stay
   * open until then.
   *
   * @param file as {@link FileChannel#open} made it
   */
  public FileRegion fileRegion(FileChannel file, long offset, long length) {
    if (kind == Kind.IO_URING
        && Math.addExact(offset, length) > BorrowedFileRegion.IO_URING_SAFE_END) {
      return new CopiedFileRegion(file, offset, length);
    }
    return new BorrowedFileRegion(file, offset, length);
  }

  /** Stops the loops and waits until their threads have ended, for a few seconds at most. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
  }
}
