package dev.longshore.swarm.node;

import dev.longshore.service.net.Transport;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens connections to peers, a few at a time, and leaves alone for a while who fails. */
final class Dialer {
  private static final Logger log = LoggerFactory.getLogger(Dialer.class);
  private static final int MOST_FAILURES_KEPT = 4096;

  private record Failure(int count, long notBefore) {}

  private final SwarmNodeConfig config;
  private final Transport transport;
  private final BanList bans;
  private final ConnectionTable table;
  private final Executor background;
  private final Function<PeerAddress, PeerConnection> connections;
  private final Set<PeerId> dialing = new HashSet<>();
  private final Map<PeerId, Failure> failures = new HashMap<>();

  /**
   * A dialer.
   *
   * @param connections makes the handler of a connection that is dialed
   */
  Dialer(
      SwarmNodeConfig config,
      Transport transport,
      BanList bans,
      ConnectionTable table,
      Executor background,
      Function<PeerAddress, PeerConnection> connections) {
    this.config = config;
    this.transport = transport;
    this.bans = bans;
    this.table = table;
    this.background = background;
    this.connections = connections;
  }

  /** Dials a peer unless there is a reason not to; true if it is being dialed. Never blocks. */
  boolean dial(PeerAddress peer) {
    if (peer.id().equals(config.id()) || bans.isBanned(peer.id()) || !table.hasRoom()) {
      return false;
    }
    synchronized (this) {
      if (dialing.contains(peer.id())) {
        return true;
      }
      Failure failure = failures.get(peer.id());
      if (dialing.size() >= config.limits().maxDials()
          || (failure != null && failure.notBefore - System.nanoTime() > 0)) {
        return false;
      }
      dialing.add(peer.id());
    }
    if (NetUtil.isValidIpV4Address(peer.host()) || NetUtil.isValidIpV6Address(peer.host())) {
      resolve(peer);
    } else {
      background.execute(() -> resolve(peer)); // a name server may take its time
    }
    return true;
  }

  private void resolve(PeerAddress peer) {
    try {
      InetAddress address = InetAddress.getByName(peer.host());
      if (bans.isBanned(address, peer.port())) {
        failed(peer.id());
        return;
      }
      connect(peer, new InetSocketAddress(address, peer.port()));
    } catch (UnknownHostException e) {
      log.debug("cannot dial {}: its host name does not resolve", peer);
      failed(peer.id());
    }
  }

  private void connect(PeerAddress peer, InetSocketAddress address) {
    ChannelFuture connecting =
        PeerChannels.configure(transport.attach(new Bootstrap()))
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(config.limits().dialTimeout().toMillis()))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    connections.apply(peer).install(channel);
                  }
                })
            .connect(address);
    var _ =
        connecting.addListener(done -> {
          if (!done.isSuccess()) {
            log.debug("cannot reach {}: {}", peer, String.valueOf(done.cause()));
            failed(peer.id());
          }
        });
  }

  /** The peer was reached and said HELLO. */
  synchronized void reached(PeerId peer) {
    dialing.remove(peer);
    failures.remove(peer);
  }

  /** The peer was not reached, or did not say what it should. */
  synchronized void failed(PeerId peer) {
    if (!dialing.remove(peer)) {
      return;
    }
    long now = System.nanoTime();
    if (failures.size() >= MOST_FAILURES_KEPT) {
      failures.values().removeIf(failure -> failure.notBefore - now <= 0);
    }
    int count = 1 + failures.getOrDefault(peer, new Failure(0, now)).count;
    long least = config.limits().minBackoff().toNanos();
    long most = config.limits().maxBackoff().toNanos();
    long wait = Math.min(most, least << Math.min(count - 1, 16));
    // Jitter, so that the members of a swarm do not knock in step.
    long jittered = wait / 2 + ThreadLocalRandom.current().nextLong(wait / 2 + 1);
    if (failures.size() < MOST_FAILURES_KEPT) {
      failures.put(peer, new Failure(count, now + jittered));
    }
  }

  synchronized int dialing() {
    return dialing.size();
  }
}
