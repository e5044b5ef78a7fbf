package dev.longshore.swarm.node;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;

/** Socket options of connections between peers. */
final class PeerChannels {
  private PeerChannels() {}

  static Bootstrap configure(Bootstrap bootstrap) {
    return bootstrap.option(ChannelOption.TCP_NODELAY, true);
  }

  static ServerBootstrap configure(ServerBootstrap bootstrap) {
    return bootstrap
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.SO_BACKLOG, 1024)
        .childOption(ChannelOption.TCP_NODELAY, true);
  }
}
