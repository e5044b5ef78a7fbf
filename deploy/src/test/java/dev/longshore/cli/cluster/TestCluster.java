package dev.longshore.cli.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.agent.Agent;
import dev.longshore.agent.AgentConfig;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import dev.longshore.oci.client.Credentials;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.layout.ImageLayout;
import dev.longshore.oci.layout.ImagePusher;
import dev.longshore.oci.layout.TransferListener;
import dev.longshore.origin.Origin;
import dev.longshore.origin.OriginConfig;
import dev.longshore.seeder.Seeder;
import dev.longshore.seeder.SeederConfig;
import dev.longshore.service.Daemon;
import dev.longshore.service.DaemonSettings;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.tracker.Tracker;
import dev.longshore.tracker.TrackerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/** Origin and tracker, and as many agents and seeders as a test starts. */
public final class TestCluster implements AutoCloseable {
  /** The registry's name in references; only members know where it is. */
  public static final String REGISTRY = "registry.example";

  private static final String PASSWORD = "with password ";

  private final Path folder;
  private final List<Daemon> daemons = new ArrayList<>();
  private final List<String> announced = new ArrayList<>();
  private final Daemon origin;
  private final Daemon tracker;

  private TestCluster(Path folder, OriginConfig.Anonymous anonymous) throws Exception {
    this.folder = folder;
    OriginConfig config =
        OriginConfig.inDirectory(folder.resolve("origin")).withAnonymous(anonymous);
    origin =
        keep(
            Daemon.start(
                "origin",
                config,
                settings(),
                (c, metrics) -> Origin.start(c, metrics, announced::add)));
    tracker =
        keep(
            Daemon.start(
                "tracker",
                TrackerConfig.onFreePorts()
                    .withLeases(Duration.ofSeconds(5), Duration.ofMillis(50)),
                settings(),
                (c, metrics) -> Tracker.start(c, metrics)));
  }

  /** A cluster whose origin lets everybody in. */
  public static TestCluster start(Path folder) throws Exception {
    return new TestCluster(folder, OriginConfig.Anonymous.LOOPBACK);
  }

  /** A cluster whose origin wants an account for everything. */
  public static TestCluster startPrivate(Path folder) throws Exception {
    return new TestCluster(folder, OriginConfig.Anonymous.NONE);
  }

  private static DaemonSettings settings() {
    DaemonSettings defaults = DaemonSettings.defaults();
    return new DaemonSettings(defaults.logLevel(), Optional.empty(), Duration.ofSeconds(2));
  }

  /** Starts an agent; the same name again has the same folder. */
  public Daemon agent(String name, String... flags) throws Exception {
    return keep(
        Daemon.start(
            name,
            AgentConfig.onFreePorts(folder.resolve(name), key(".pub"), with(flags, memberFlags())),
            settings(),
            (c, metrics) -> Agent.start(c, metrics)));
  }

  /** Starts a seeder. */
  public Daemon seeder(String name, String... flags) throws Exception {
    return keep(
        Daemon.start(
            name,
            SeederConfig.onFreePorts(folder.resolve(name), key(""), with(flags, memberFlags())),
            settings(),
            (c, metrics) -> Seeder.start(c, metrics)));
  }

  private List<String> memberFlags() {
    return List.of(
        "--tracker=" + address(tracker, "listen"), "--upstream=" + REGISTRY + "=" + originUrl());
  }

  private static String[] with(String[] flags, List<String> more) {
    return Stream.concat(Arrays.stream(flags), more.stream()).toArray(String[]::new);
  }

  private Path key(String suffix) {
    return folder.resolve("origin").resolve("cluster.key" + suffix);
  }

  /** Stops one part. */
  public void stop(Daemon part) {
    daemons.remove(part);
    part.close();
  }

  public URI originUrl() {
    return URI.create("http://" + address(origin, "listen"));
  }

  public Daemon tracker() {
    return tracker;
  }

  /** An address of a part, by the name of its setting. */
  public static HostAndPort address(Daemon part, String setting) {
    HostAndPort found = part.addresses().get(setting);
    assertThat(found).as(setting).isNotNull();
    return java.util.Objects.requireNonNull(found);
  }

  /** Where an agent's mirror is. */
  public static String mirror(Daemon agent) {
    return "http://" + address(agent, "mirror");
  }

  /** Where a part is administered. */
  public static String admin(Daemon part) {
    return address(part, "admin").toString();
  }

  /** The password that the origin made for its admin. */
  public String adminPassword() {
    return announced.stream()
        .filter(line -> line.contains(PASSWORD))
        .map(line -> line.substring(line.indexOf(PASSWORD) + PASSWORD.length()).split(" ", 2)[0])
        .findFirst()
        .orElseThrow();
  }

  /** Writes a docker {@code config.json} with the admin's login at the registry. */
  public Path writeLogin(Path file) throws IOException {
    String login = "admin:" + adminPassword();
    return Files.writeString(
        file,
        "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}"
            .formatted(REGISTRY, Base64.getEncoder().encodeToString(login.getBytes(UTF_8))));
  }

  /** Pushes an image of these layers to the origin. */
  public ImageLayout push(String repository, String tag, byte[]... layers) throws IOException {
    RegistryClient.Builder client = RegistryClient.builder(originUrl());
    if (announced.stream().anyMatch(line -> line.contains(PASSWORD))) {
      client.credentials(new Credentials.UserPassword("admin", adminPassword()));
    }
    ImageLayout layout = ImageLayout.create(folder.resolve("image-" + tag));
    List<Descriptor> stored = new ArrayList<>();
    for (byte[] layer : layers) {
      stored.add(layout.write(MediaTypes.OCI_LAYER, layer));
    }
    ImageManifest manifest =
        ImageManifest.of(
            layout.write(MediaTypes.OCI_CONFIG, ("{\"image\":\"" + tag + "\"}").getBytes(UTF_8)),
            stored,
            Map.of());
    layout.write(manifest.mediaType(), manifest.bytes());
    layout.tag(tag, manifest.descriptor());
    try (RegistryClient open = client.build()) {
      var _ =
          new ImagePusher(open, 2)
              .push(
                  layout,
                  layout.resolve(tag),
                  new RepositoryName(repository),
                  new Tag(tag),
                  null,
                  TransferListener.silent());
    }
    return layout;
  }

  /** Bytes that no compression would make fewer. */
  public static byte[] random(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private Daemon keep(Daemon part) {
    daemons.add(part);
    return part;
  }

  @Override
  public void close() {
    daemons.reversed().forEach(Daemon::close);
  }
}
