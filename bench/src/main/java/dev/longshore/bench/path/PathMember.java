package dev.longshore.bench.path;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.longshore.bench.content.TestImage;
import dev.longshore.oci.client.CredentialsSource;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.service.Closer;
import dev.longshore.service.Daemon;
import dev.longshore.service.Service;
import dev.longshore.service.http.ErrorMapper;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.service.http.HttpServer;
import dev.longshore.service.http.HttpServerConfig;
import dev.longshore.service.net.RateLimit;
import dev.longshore.service.net.Transport;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.node.SourceReader;
import dev.longshore.swarm.node.SwarmDownload;
import dev.longshore.swarm.node.SwarmNode;
import dev.longshore.swarm.node.SwarmNodeConfig;
import dev.longshore.swarm.source.Registries;
import dev.longshore.swarm.source.RegistryBlob;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.PieceStores;
import dev.longshore.swarm.store.StoreConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A member of a swarm as an agent has one in it, store and node, without mirror and tracker. It
 * takes orders over HTTP: {@code POST /pull?from=HOST:PORT} gets the blob from the member there,
 * {@code POST /pull?source=URL} from a registry, {@code POST /drop} deletes it.
 */
public final class PathMember implements Service {
  /** The member that holds the blob goes by this, so that the other knows whom it dials. */
  private static final PeerId HOLDER = new PeerId(1, 1);

  private static final PeerId PULLER = new PeerId(2, 2);
  private static final String REGISTRY = "bench.longshore.test";
  private static final SourceRef SOURCE = new SourceRef(REGISTRY, TestImage.REPOSITORY);

  private final PathBlob blob;
  private final SignedPieceMap map;
  private final OneSwarm swarm = new OneSwarm();
  private final PieceStore store;
  private final SwarmNode node;
  private final HttpServer control;
  private final HostAndPort peer;
  private final Closer opened;

  private PathMember(PathMemberConfig config, MeterRegistry metrics, Closer opened)
      throws Exception {
    this.opened = opened;
    blob = PathBlob.of(config.size().orElseThrow().bytes());
    map = blob.signedMap();
    store =
        opened.register(
            PieceStores.open(
                StoreConfig.defaults(config.data().orElseThrow()),
                null,
                InstantSource.system(),
                metrics));
    if (config.holds()) {
      blob.store(store);
    }
    Transport transport =
        opened.register(Transport.chooseForNode(config.transport(), "path-member"));
    SwarmNodeConfig member =
        SwarmNodeConfig.of(
                config.holds() ? HOLDER : PULLER,
                config.peer().host(),
                config.peer().port(),
                PeerRole.AGENT)
            .withRates(RateLimit.UNLIMITED, config.downloadLimit());
    node = opened.register(SwarmNode.start(member, store, swarm, swarm, transport, metrics));
    peer = new HostAndPort(config.peer().host(), node.self().port());
    control =
        opened.register(
            HttpServer.bind(
                HttpServerConfig.of("control", config.control()),
                transport,
                exchange -> exchange.fork(() -> answer(exchange)),
                ErrorMapper.plainText()));
  }

  /** The process. */
  public static void main(String[] arguments) {
    Daemon.run(
        "bench-member",
        "A member whose data path is measured.",
        PathMemberConfig.class,
        arguments,
        PathMember::start);
  }

  static PathMember start(PathMemberConfig config, MeterRegistry metrics) throws Exception {
    Closer opened = new Closer();
    try {
      return new PathMember(config, metrics, opened);
    } catch (Exception | Error e) {
      opened.closeAfter(e);
      throw e;
    }
  }

  private void answer(HttpExchange exchange) throws Exception {
    String done =
        switch (exchange.path()) {
          case "/pull" -> pull(exchange);
          case "/drop" -> {
            store.delete(blob.digest());
            yield "dropped";
          }
          default -> throw new IOException("no such order: " + exchange.path());
        };
    exchange.respond(
        HttpResponseStatus.OK, new DefaultHttpHeaders(), Unpooled.copiedBuffer(done, UTF_8));
  }

  private String pull(HttpExchange exchange) throws Exception {
    Optional<String> source = exchange.query().first("source");
    Optional<PeerAddress> from =
        exchange
            .query()
            .first("from")
            .map(HostAndPort::parse)
            .map(at -> new PeerAddress(HOLDER, at.host(), at.port(), PeerRole.AGENT));
    swarm.set(from);
    if (source.isEmpty()) {
      return download(null);
    }
    try (Registries registries =
        new Registries(
            Map.of(REGISTRY, URI.create(source.get())),
            CredentialsSource.anonymous(),
            "longshore-bench")) {
      return download(
          new RegistryBlob(
              registries.client(REGISTRY),
              SOURCE,
              blob.digest(),
              blob.size(),
              ClusterKey.generate().trusted()));
    }
  }

  private String download(@Nullable SourceReader reader) throws Exception {
    long start = System.nanoTime();
    try (SwarmDownload download = node.download(map, SOURCE, reader, Priority.FOREGROUND)) {
      download.completion().get();
      return (System.nanoTime() - start) + " " + download.traffic();
    }
  }

  @Override
  public Map<String, HostAndPort> addresses() {
    return Map.of("control", control.address(), "peer", peer);
  }

  @Override
  public void close() throws IOException {
    opened.close();
  }
}
