package dev.longshore.lazy.fetch;

import dev.longshore.lazy.layers.LayerSource;
import dev.longshore.oci.Digest;
import dev.longshore.oci.Reference;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.client.CredentialsSource;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RetryPolicy;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;

/**
 * The layers of every image, from the agent of this node, which is asked as a mirror of the image's
 * registry; it has checked what it gives, and looked whether we may have it. Thread-safe.
 */
public final class AgentLayers implements LayerSource.Finder, AutoCloseable {

  /** It listens on this machine: whoever does not answer by then is not there. */
  private static final Duration CONNECT = Duration.ofSeconds(2);

  /** A process that reads a file hangs for as long; then it gets an error. */
  private static final Duration SILENCE = Duration.ofSeconds(10);

  /** Bridges an agent that is restarted; whoever waits for longer is told so and asks again. */
  private static final RetryPolicy RETRIES =
      new RetryPolicy(3, Duration.ofMillis(200), Duration.ofSeconds(1));

  /** Those that an origin makes are smaller: 2,048 windows of 32 KiB, packed, and the names. */
  private static final int LARGEST_INDEX = 64 << 20;

  private final URI agent;
  private final CredentialsSource credentials;
  private final LongConsumer fetched;
  private final Duration silence;

  /** One a registry that images on this node come from, which are few, for good. */
  private final ConcurrentHashMap<String, RegistryClient> mirrors = new ConcurrentHashMap<>();

  /**
   * The layers that an agent gives.
   *
   * @param agent where it serves as a mirror
   * @param credentials of registries, for images that not everybody may pull
   * @param fetched is told of bytes of layers as they arrive
   */
  public AgentLayers(URI agent, CredentialsSource credentials, LongConsumer fetched) {
    this(agent, credentials, fetched, SILENCE);
  }

  AgentLayers(URI agent, CredentialsSource credentials, LongConsumer fetched, Duration silence) {
    this.agent = agent;
    this.credentials = credentials;
    this.fetched = fetched;
    this.silence = silence;
  }

  @Override
  public LayerSource of(String image) throws IOException {
    Reference reference =
        Reference.tryParse(image)
            .orElseThrow(() -> new IOException("not a reference of an image: '" + image + "'"));
    RegistryClient mirror = mirrors.computeIfAbsent(reference.registry(), this::connect);
    return new Layers(mirror, reference.repository(), fetched);
  }

  private RegistryClient connect(String registry) {
    return RegistryClient.builder(agent)
        .mirrorOf(registry)
        .credentials(asked -> credentials.forRegistry(registry))
        .connectTimeout(CONNECT)
        .readTimeout(silence)
        .retries(RETRIES)
        .userAgent("longshore-snapshotter")
        .build();
  }

  @Override
  public void close() {
    mirrors.values().forEach(RegistryClient::close);
  }

  /** The layers of one repository. */
  private static final class Layers implements LayerSource {
    private final RegistryClient mirror;
    private final RepositoryName repository;
    private final AgentRanges ranges;

    Layers(RegistryClient mirror, RepositoryName repository, LongConsumer fetched) {
      this.mirror = mirror;
      this.repository = repository;
      this.ranges = new AgentRanges(mirror, repository, fetched);
    }

    @Override
    public Optional<byte[]> index(Digest layer) throws IOException {
      return mirror.fetchExtension(repository, "_longshore/index/" + layer, LARGEST_INDEX);
    }

    @Override
    public void read(Digest blob, long offset, long length, Receiver receiver) throws IOException {
      ranges.read(blob, offset, length, receiver);
    }

    @Override
    public long size(Digest layer) throws IOException {
      return mirror
          .headBlob(repository, layer)
          .orElseThrow(() -> new FileNotFoundException(repository + " has no layer " + layer));
    }

    @Override
    public void readAll(Digest layer, Receiver receiver) throws IOException {
      long size = size(layer);
      try (InputStream in = mirror.openBlob(repository, layer, size)) {
        ranges.copy(in, layer, size, receiver);
        if (in.read() >= 0) { // only here is the digest known to be right
          throw new IOException(layer + " has more than its " + size + " bytes");
        }
      }
    }
  }
}
