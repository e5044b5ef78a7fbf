package dev.longshore.service.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Notices a client that is late. One coarse tick a connection looks at time stamps, so that a
 * request costs no timer.
 */
final class ConnectionClock {

  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(3);

  private enum Phase {
    /** Between requests, no byte of the next one seen. */
    IDLE,
    HEADERS,
    REQUEST,
    LINGER
  }

  private final Connection connection;
  private final long headerNanos;
  private final long idleNanos;
  private final long tickNanos;

  private Phase phase = Phase.IDLE;
  private long phaseBegan = System.nanoTime();
  private long lastRead = phaseBegan;
  private long lastWrite = phaseBegan;
  private long pendingBytes;
  private long currentProgress;
  private @Nullable ScheduledFuture<?> ticking;

  ConnectionClock(HttpServerConfig config, Connection connection) {
    this.connection = connection;
    this.headerNanos = config.headerTimeout().toNanos();
    this.idleNanos = config.idleTimeout().toNanos();
    this.tickNanos =
        Math.clamp(
            Math.min(headerNanos, idleNanos) / 4,
            Duration.ofMillis(5).toNanos(),
            Duration.ofSeconds(2).toNanos());
  }

  void start(EventExecutor loop) {
    ticking = loop.scheduleWithFixedDelay(this::tick, tickNanos, tickNanos, TimeUnit.NANOSECONDS);
  }

  void stop() {
    if (ticking != null) {
      ticking.cancel(false);
    }
  }

  void bytesArrived() {
    lastRead = System.nanoTime();
    if (phase == Phase.IDLE) {
      enter(Phase.HEADERS, lastRead);
    }
  }

  void requestBegan() {
    enter(Phase.REQUEST, lastRead);
    lastWrite = lastRead;
  }

  void requestEnded() {
    enter(Phase.IDLE, System.nanoTime());
  }

  void lingerBegan() {
    enter(Phase.LINGER, System.nanoTime());
  }

  private void enter(Phase next, long now) {
    phase = next;
    phaseBegan = now;
  }

  private void tick() {
    long now = System.nanoTime();
    long inPhase = now - phaseBegan;
    boolean stuck = outputStuck(now);
    switch (phase) {
      case IDLE -> {
        // The last answer may still be on its way out.
        if (stuck || (inPhase > idleNanos && pendingBytes == 0)) {
          connection.idle();
        }
      }
      case HEADERS -> {
        if (inPhase > headerNanos) {
          connection.headersLate();
        }
      }
      case REQUEST -> {
        if (stuck) {
          connection.closeNow();
        } else if (connection.awaitsBody() && now - lastRead > idleNanos) {
          connection.bodyLate();
        }
      }
      case LINGER -> {
        // The client gets its time to read once the last answer has left.
        if (pendingBytes > 0) {
          phaseBegan = now;
        }
        if (stuck || now - phaseBegan > LINGER_NANOS) {
          connection.closeNow();
        }
      }
    }
  }

  /** Whether bytes wait for the client and none has moved for the idle timeout. */
  private boolean outputStuck(long now) {
    Channel channel = connection.channel();
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    long pending = buffer == null ? 0 : buffer.totalPendingWriteBytes();
    long progress = buffer == null ? 0 : buffer.currentProgress();
    if (pending == 0 || pending != pendingBytes || progress != currentProgress) {
      lastWrite = now;
    }
    pendingBytes = pending;
    currentProgress = progress;
    return pending > 0 && now - lastWrite > idleNanos;
  }
}
