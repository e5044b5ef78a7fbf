package dev.longshore.oci.client;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.Reference;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.TagOrDigest;
import dev.longshore.oci.VerifyingInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * One registry, spoken to by the OCI distribution-spec 1.1.
 *
 * <p>Every method blocks, may be called from any number of threads, and fails with a {@link
 * RegistryException} when the registry said no, or another {@link IOException} when it could not be
 * heard. An interrupt ends a call with {@link java.io.InterruptedIOException}.
 */
public final class RegistryClient implements AutoCloseable {
  private final ClientSettings settings;
  private final HttpSender sender;
  private final BulkWire bulkWire;
  private final RegistrySession session;

  /** The same registry and rights, for the bodies of blobs. */
  private final RegistrySession bulk;

  private final boolean ownsConnections;

  private RegistryClient(ClientSettings settings) {
    this.settings = settings;
    this.sender = new HttpSender(settings);
    TokenFetcher fetcher =
        new TokenFetcher(
            sender,
            new Backoff(settings.retries()),
            Origin.of(settings.endpoint()),
            InstantSource.system());
    Authorizer authorizer =
        new ChallengeAuthorizer(
            settings.credentials(),
            settings.endpoint().getRawAuthority(),
            new TokenStore(fetcher, InstantSource.system()));
    this.bulkWire = new BulkWire(settings, sender);
    this.session = new RegistrySession(settings, sender, authorizer);
    this.bulk = new RegistrySession(settings, bulkWire, authorizer);
    this.ownsConnections = true;
  }

  private RegistryClient(RegistryClient shared, Authorizer authorizer) {
    this.settings = shared.settings;
    this.sender = shared.sender;
    this.bulkWire = shared.bulkWire;
    this.session = new RegistrySession(settings, sender, authorizer);
    this.bulk = new RegistrySession(settings, bulkWire, authorizer);
    this.ownsConnections = false;
  }

  /** A client of the registry at this URL, {@code https://host[:port]}. */
  public static Builder builder(URI endpoint) {
    return new Builder(endpoint);
  }

  /**
   * Where a registry is reached by its name in references: {@code docker.io} at its API host, a
   * loopback address in the clear as containerd does, everything else by HTTPS.
   */
  public static URI endpointOf(String registry) {
    if (registry.equals(Reference.DEFAULT_REGISTRY)) {
      return URI.create("https://registry-1.docker.io");
    }
    String host = registry.replaceFirst(":[0-9]+$", "");
    boolean loopback =
        host.equals("localhost") || host.matches("127(\\.[0-9]{1,3}){3}") || host.equals("[::1]");
    return URI.create((loopback ? "http://" : "https://") + registry);
  }

  public URI endpoint() {
    return settings.endpoint();
  }

  /**
   * A view that sends this {@code Authorization} header verbatim, or none, and never asks for a
   * token: a 401 comes back as a {@link RegistryException} with the challenge. Connections are
   * shared with this client; closing the view does nothing.
   */
  public RegistryClient withAuthorization(@Nullable String header) {
    return new RegistryClient(this, new Authorizer.PassThrough(header));
  }

  /** Asks {@code /v2/} whether this is a registry that lets us in. */
  public void ping() throws IOException {
    try (WireResponse response = session.send(WireRequest.get(session.uri("/v2/"), List.of()))) {
      if (response.status() != 200) {
        throw response.failure();
      }
    }
  }

  /** The manifest of a tag or digest, its bytes verified against the digest. */
  public FetchedManifest fetchManifest(RepositoryName repository, TagOrDigest reference)
      throws IOException {
    return new ManifestFetcher(session).fetch(repository, reference);
  }

  /** Type, digest and size of a manifest; empty when there is none. */
  public Optional<Descriptor> headManifest(RepositoryName repository, TagOrDigest reference)
      throws IOException {
    return new ManifestFetcher(session).head(repository, reference);
  }

  /**
   * Pushes a manifest under a tag or its digest, and returns the digest it got. When it has a
   * subject and the registry keeps no referrers, it is added to the subject's referrers tag.
   */
  public Digest pushManifest(RepositoryName repository, TagOrDigest reference, Manifest manifest)
      throws IOException {
    ManifestPusher.Pushed pushed =
        new ManifestPusher(session).push(repository, reference, manifest);
    Descriptor subject = manifest.subject();
    if (subject != null && !pushed.subjectListed()) {
      new ReferrerLister(session)
          .addByTag(repository, subject.digest(), manifest.referrerDescriptor());
    }
    return pushed.digest();
  }

  /** Deletes a tag or a manifest; false when there was none. */
  public boolean deleteManifest(RepositoryName repository, TagOrDigest reference)
      throws IOException {
    return new Deleter(session).delete(repository, "manifests/" + reference);
  }

  /** Size of a blob in bytes; empty when the repository does not have it. */
  public OptionalLong headBlob(RepositoryName repository, Digest digest) throws IOException {
    return new BlobReader(session).size(repository, digest);
  }

  /**
   * A whole blob. Cuts are bridged by ranged reads, and the end of the stream is reached only when
   * size and digest are right.
   */
  public InputStream openBlob(RepositoryName repository, Digest digest, long size)
      throws IOException {
    return new VerifyingInputStream(
        new BlobReader(bulk).open(repository, digest, 0, size, true), digest, size);
  }

  /**
   * A range of a blob, bridging cuts; not verified, which only the caller's piece map can do. Fails
   * when the registry ignores Range. It is a {@link dev.longshore.oci.http.BodyStream}, so that it
   * can be read into direct buffers.
   */
  public InputStream openBlobRange(
      RepositoryName repository, Digest digest, long offset, long length) throws IOException {
    return new BlobReader(bulk).open(repository, digest, offset, length, false);
  }

  /** Takes a blob over from another repository of this registry; false when it declines. */
  public boolean mountBlob(RepositoryName repository, Digest digest, RepositoryName from)
      throws IOException {
    return new BlobMounter(session).mount(repository, digest, from);
  }

  /**
   * Uploads a blob, going on after a cut from where the registry says it is; does not ask first
   * whether it is there already.
   *
   * @param sent is told how many bytes of the blob are with the registry, now and then
   */
  public void pushBlob(
      RepositoryName repository, Digest digest, BlobSource content, LongConsumer sent)
      throws IOException {
    new BlobUploader(session, repository, digest, content, sent).upload();
  }

  /** Deletes a blob from a repository; false when there was none. */
  public boolean deleteBlob(RepositoryName repository, Digest digest) throws IOException {
    return new Deleter(session).delete(repository, "blobs/" + digest);
  }

  /**
   * The {@code Authorization} header that answers these challenges of the registry, for pulling
   * from a repository: for whoever asks the registry in our place. Empty when there are no
   * credentials that could.
   *
   * @param challenges every {@code WWW-Authenticate} value
   */
  public Optional<String> authorization(RepositoryName repository, List<String> challenges)
      throws IOException {
    return session.authorization(repository, challenges);
  }

  /** All tags of a repository, in the registry's order. */
  public List<String> tags(RepositoryName repository) throws IOException {
    return new TagLister(session).list(repository);
  }

  /**
   * What refers to a manifest, by the referrers API or else by the fallback tag.
   *
   * @param artifactType only those of this type; null for all
   */
  public List<Descriptor> referrers(
      RepositoryName repository, Digest digest, @Nullable String artifactType) throws IOException {
    return new ReferrerLister(session).list(repository, digest, artifactType);
  }

  /**
   * {@code GET /v2/<repository>/<path>}, for extensions such as Longshore's piece maps; empty when
   * not found.
   *
   * @param maxBytes a longer answer fails
   */
  public Optional<byte[]> fetchExtension(RepositoryName repository, String path, int maxBytes)
      throws IOException {
    if (!path.matches("[A-Za-z0-9_./:-]{1,512}") || path.contains("..")) {
      throw new IllegalArgumentException("not a path of a registry extension: " + path);
    }
    WireRequest request =
        WireRequest.get(session.uri(repository, path), RegistrySession.pull(repository));
    try (WireResponse response = session.sendBuffered(request, maxBytes)) {
      return switch (response.status()) {
        case 200 -> Optional.of(response.readAtMost(maxBytes));
        case 404 -> Optional.empty();
        default -> throw response.failure();
      };
    }
  }

  @Override
  public void close() {
    if (ownsConnections) {
      bulkWire.close();
      sender.close();
    }
  }

  /** Collects the settings of a client; the defaults suit a registry on the Internet. */
  public static final class Builder {
    private final URI endpoint;
    private CredentialsSource credentials = CredentialsSource.anonymous();
    private RetryPolicy retries = RetryPolicy.DEFAULT;
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration readTimeout = Duration.ofSeconds(30);
    private String userAgent = "longshore";
    private @Nullable String mirrored;
    private @Nullable SSLContext tls;
    private long uploadChunk;

    private Builder(URI endpoint) {
      this.endpoint = endpoint;
    }

    /** Asked for the registry's credentials when it wants any. */
    public Builder credentials(CredentialsSource source) {
      this.credentials = source;
      return this;
    }

    /** Always these credentials. */
    public Builder credentials(Credentials fixed) {
      return credentials(registry -> Optional.of(fixed));
    }

    public Builder retries(RetryPolicy policy) {
      this.retries = policy;
      return this;
    }

    public Builder connectTimeout(Duration timeout) {
      this.connectTimeout = timeout;
      return this;
    }

    /** Longest wait for an answer's head, and then for each next byte of its body. */
    public Builder readTimeout(Duration timeout) {
      this.readTimeout = timeout;
      return this;
    }

    public Builder userAgent(String name) {
      this.userAgent = name;
      return this;
    }

    /** The endpoint is a mirror: every request says {@code ?ns=registry}, as containerd's do. */
    public Builder mirrorOf(String registry) {
      this.mirrored = registry;
      return this;
    }

    /** Trusts and presents what this context does, instead of the platform's default. */
    public Builder tls(SSLContext context) {
      this.tls = context;
      return this;
    }

    /** Uploads in chunks of this many bytes; 0, the default, sends a blob in one request. */
    public Builder uploadChunk(long bytes) {
      this.uploadChunk = bytes;
      return this;
    }

    public RegistryClient build() {
      return new RegistryClient(
          new ClientSettings(
              endpoint,
              credentials,
              retries,
              connectTimeout,
              readTimeout,
              userAgent,
              mirrored,
              tls,
              uploadChunk));
    }
  }
}
