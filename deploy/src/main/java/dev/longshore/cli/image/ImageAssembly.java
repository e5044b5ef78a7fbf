package dev.longshore.cli.image;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import tools.jackson.databind.ObjectMapper;

/** Packs the layers, as many at a time as there are processors, and writes the OCI layout. */
final class ImageAssembly {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";
  private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final String INDEX_TYPE = "application/vnd.oci.image.index.v1+json";

  private final Path layout;
  private final Path blobs;
  private final Consumer<String> progress;

  ImageAssembly(Path layout, Consumer<String> progress) {
    this.layout = layout;
    this.blobs = layout.resolve("blobs/sha256");
    this.progress = progress;
  }

  void build(ImageContent content) throws IOException, InterruptedException {
    Files.createDirectories(blobs);
    List<LayerArchive> layers = pack(content.layers());
    Map<String, Object> config = descriptor(CONFIG_TYPE, config(layers));
    List<Map<String, Object>> described =
        layers.stream().map(layer -> descriptor(LAYER_TYPE, layer.digest(), layer.size())).toList();
    Map<String, Object> manifest =
        object(
            "schemaVersion", 2,
            "mediaType", MANIFEST_TYPE,
            "config", config,
            "layers", described);
    Map<String, Object> named = descriptor(MANIFEST_TYPE, JSON.writeValueAsBytes(manifest));
    named.put("platform", object("architecture", architecture(), "os", "linux"));
    named.put("annotations", object("org.opencontainers.image.ref.name", DemoImage.TAG));
    Map<String, Object> index =
        object("schemaVersion", 2, "mediaType", INDEX_TYPE, "manifests", List.of(named));
    Files.write(layout.resolve("index.json"), JSON.writeValueAsBytes(index));
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
  }

  private List<LayerArchive> pack(Map<String, List<LayerEntry>> plans)
      throws IOException, InterruptedException {
    int workers = Runtime.getRuntime().availableProcessors();
    try (ExecutorService pool = Executors.newFixedThreadPool(workers)) {
      List<Future<LayerArchive>> packing = new ArrayList<>();
      plans.forEach((name, entries) -> packing.add(pool.submit(() -> pack(name, entries))));
      List<LayerArchive> layers = new ArrayList<>();
      for (Future<LayerArchive> layer : packing) {
        layers.add(layer.get());
      }
      return layers;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure
          ? failure
          : new IOException("packing a layer failed", e.getCause());
    }
  }

  private LayerArchive pack(String name, List<LayerEntry> entries) throws IOException {
    LayerArchive layer = LayerArchive.write(blobs.resolve(name + ".tmp"), entries);
    Files.move(layer.file(), blobs.resolve(layer.digest().hex()));
    progress.accept(
        "layer %-12s %6.1f MB, %d files".formatted(name, layer.size() / 1e6, entries.size()));
    return layer;
  }

  private byte[] config(List<LayerArchive> layers) {
    String jdk = "/" + ImageContent.JDK;
    String ours = "/" + ImageContent.LONGSHORE;
    Map<String, Object> run =
        object(
            "Env",
            List.of("PATH=" + jdk + "/bin", "JAVA_HOME=" + jdk),
            "Cmd",
            List.of(
                jdk + "/bin/java",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                ours + "/lib/*:" + ours + "/classes",
                Greeting.class.getName(),
                ours),
            "WorkingDir",
            "/");
    List<String> diffIds = layers.stream().map(layer -> layer.diffId().toString()).toList();
    return JSON.writeValueAsBytes(
        object(
            "created",
            "2026-01-01T00:00:00Z",
            "architecture",
            architecture(),
            "os",
            "linux",
            "config",
            run,
            "rootfs",
            object("type", "layers", "diff_ids", diffIds)));
  }

  /** Writes {@code content} as a blob and describes it. */
  private Map<String, Object> descriptor(String mediaType, byte[] content) throws IOException {
    Digest digest = Digest.sha256(content);
    Files.write(blobs.resolve(digest.hex()), content);
    return descriptor(mediaType, digest, content.length);
  }

  private static Map<String, Object> descriptor(String mediaType, Digest digest, long size) {
    return object("mediaType", mediaType, "digest", digest.toString(), "size", size);
  }

  /** A JSON object whose members keep their order: the same image must have the same digest. */
  private static Map<String, Object> object(Object... namesAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      object.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return object;
  }

  /** This machine's architecture as the OCI specifications, and Go, call it. */
  private static String architecture() {
    return switch (System.getProperty("os.arch")) {
      case "amd64", "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      case String other -> other;
    };
  }
}
