package dev.longshore.layer.imports;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.MediaTypes;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Imports what ctr-remote of stargz-snapshotter and skopeo make of an image, inflates each span
 * alone, and compares what the files hold then with the tree that the image was made of. Needs root
 * for a containerd of its own.
 */
@Tag("node")
@Timeout(120)
class ConvertedImageTest {
  private static final String IMAGE =
      """
      mkdir -p tree/dir; cd tree
      seq 300000 > dir/numbers; echo small > dir/small; : > empty
      ln -s dir/small symlink; ln dir/small hardlink; mkfifo fifo
      head -c 5M /dev/urandom > random; chown 70000:5 dir/small; chmod 4711 random
      for i in {1..50}; do echo $i > dir/file$i; done
      (head -c 100K /dev/urandom; head -c 3M /dev/zero; head -c 100K /dev/urandom) > zeros
      cd ..; tar -C tree -cf layer.tar .
      umoci init --layout oci; umoci new --image oci:a
      umoci raw add-layer --image oci:a layer.tar; tar -C oci -cf oci.tar .
      """;

  private static final String CONVERT =
      """
      mkdir containerd; cat > containerd/config.toml <<END
      version = 2
      root = "$PWD/containerd/root"
      state = "$PWD/containerd/state"
      disabled_plugins = ["io.containerd.grpc.v1.cri"]
      [grpc]
        address = "$PWD/containerd/socket"
      END
      containerd -c containerd/config.toml 2> containerd/log & pid=$!
      trap 'kill $pid; wait $pid' EXIT
      ctr="ctr-remote -a $PWD/containerd/socket"
      for i in {1..100}; do $ctr version > /dev/null 2>&1 && break; read -t 0.1 < <(:) || true; done
      $ctr image import --no-unpack oci.tar > /dev/null
      $ctr image convert --oci OPTIONS $($ctr image ls -q) converted:1 > /dev/null
      $ctr image export converted.tar converted:1
      mkdir converted; tar -C converted -xf converted.tar
      """;

  @TempDir Path folder;

  @BeforeEach
  void make() throws Exception {
    bash(IMAGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--estargz", "--estargz --estargz-chunk-size=100000", "--zstdchunked"})
  void toc_imageByStargzSnapshotter_isTheTree(String options) throws Exception {
    bash(CONVERT.replace("OPTIONS", options));
    Path blobs = folder.resolve("converted/blobs/sha256");
    Descriptor layer = layer(blobs.resolve(bash(manifestOf("converted")).strip().substring(7)));
    byte[] blob = Files.readAllBytes(blobs.resolve(layer.digest().hex()));
    TocLocation location = footer(blob);

    ImportedIndex index =
        IndexImporter.tocByJsonDigest(
            location,
            bytes(blob, location),
            annotation(layer, "containerd.io/snapshot/stargz/toc.digest"));

    compare(index, blob);
    assertThat(index.compression())
        .isEqualTo(options.equals("--zstdchunked") ? Compression.ZSTD : Compression.GZIP);
  }

  @Test
  void toc_imageBySkopeo_isTheTree() throws Exception {
    bash(
        """
        skopeo copy -q --dest-compress --dest-compress-format zstd:chunked oci:oci:a dir:chunked
        """);
    Path blobs = folder.resolve("chunked");
    Descriptor layer = layer(blobs.resolve("manifest.json"));
    byte[] blob = Files.readAllBytes(blobs.resolve(layer.digest().hex()));
    TocLocation location =
        TocLocation.ofAnnotations(layer.annotations(), blob.length).orElseThrow();

    assertThat(footer(blob)).isEqualTo(location);
    compare(
        IndexImporter.tocByChecksum(
            location,
            bytes(blob, location),
            annotation(layer, "io.containers.zstd-chunked.manifest-checksum")),
        blob);
  }

  private void compare(ImportedIndex index, byte[] blob) throws Exception {
    byte[] stream = inflated(index, blob);
    for (RangeDigest range : index.digests()) {
      int from = Math.toIntExact(range.offset());
      byte[] bytes = Arrays.copyOfRange(stream, from, from + Math.toIntExact(range.length()));
      assertThat(Digest.sha256(bytes)).as("range at %d", from).isEqualTo(range.digest());
    }
    Map<String, String> view = new TreeMap<>();
    for (TarEntry entry : index.entries()) {
      String path = entry.path().replaceFirst("^\\./", "").replaceFirst("/$", "");
      if (!path.isEmpty() && !path.endsWith("landmark")) {
        view.put(path, line(entry, stream));
      }
    }
    // A hard link is what it leads to.
    view.put("hardlink", view.getOrDefault("dir/small", ""));
    assertThat(view).containsExactlyEntriesOf(tree());
  }

  private static byte[] inflated(ImportedIndex index, byte[] blob) throws Exception {
    ImportedSpan last = index.spans().getLast();
    byte[] stream = new byte[Math.toIntExact(last.streamOffset() + last.streamLength())];
    for (ImportedSpan span : index.spans()) {
      int offset = Math.toIntExact(span.blobOffset());
      InputStream bytes =
          new ByteArrayInputStream(blob, offset, Math.toIntExact(span.blobLength()));
      try (InputStream in =
          index.compression() == Compression.GZIP
              ? new GZIPInputStream(bytes)
              : new ZstdInputStream(bytes)) {
        int length = Math.toIntExact(span.streamLength());
        assertThat(in.readNBytes(stream, Math.toIntExact(span.streamOffset()), length))
            .isEqualTo(length);
      }
    }
    return stream;
  }

  private static String line(TarEntry entry, byte[] stream) {
    byte[] content = new byte[Math.toIntExact(entry.size())];
    for (Segment segment : entry.data()) {
      System.arraycopy(
          stream,
          Math.toIntExact(segment.streamOffset()),
          content,
          Math.toIntExact(segment.fileOffset()),
          Math.toIntExact(segment.length()));
    }
    boolean file = entry.type() == EntryType.FILE;
    return "%o %d %d %d %s %s"
        .formatted(
            entry.mode(),
            entry.uid(),
            entry.gid(),
            entry.seconds(),
            entry.target(),
            file ? Digest.sha256(content).hex() : "");
  }

  private Map<String, String> tree() throws Exception {
    Map<String, String> tree = new TreeMap<>();
    bash("""
    cd tree; find . -mindepth 1 -printf '%P\\t%m %U %G %T@ %l\\n' | sed 's/\\(\\.[0-9]\\{10\\}\\)//' |
    while IFS=$'\\t' read -r name line; do
      sum=; if [ -f "$name" ] && ! [ -L "$name" ]; then sum=$(sha256sum < "$name"); fi
      printf '%s\\t%s%s\\n' "$name" "$line" " ${sum%% *}"
    done
    """)
        .lines()
        .map(line -> line.split("\t", 2))
        .forEach(pair -> tree.put(pair[0], pair[1]));
    return tree;
  }

  private static Descriptor layer(Path manifest) throws Exception {
    Manifest parsed = Manifest.parse(Files.readAllBytes(manifest), MediaTypes.OCI_MANIFEST);
    return ((ImageManifest) parsed).layers().getFirst();
  }

  private static TocLocation footer(byte[] blob) {
    byte[] tail = Arrays.copyOfRange(blob, blob.length - TocLocation.TAIL_BYTES, blob.length);
    return TocLocation.ofFooter(tail, blob.length).orElseThrow();
  }

  private static byte[] bytes(byte[] blob, TocLocation location) {
    int from = Math.toIntExact(location.offset());
    return Arrays.copyOfRange(blob, from, from + Math.toIntExact(location.length()));
  }

  private static Digest annotation(Descriptor layer, String name) {
    return Digest.parse(String.valueOf(layer.annotations().get(name)));
  }

  private static String manifestOf(String layout) {
    return "grep -o '\"digest\":\"[^\"]*' " + layout + "/index.json | head -1 | cut -d'\"' -f4";
  }

  private String bash(String script) throws Exception {
    ProcessBuilder builder = new ProcessBuilder("bash", "-euc", script).directory(folder.toFile());
    builder.environment().putAll(Map.of("LC_ALL", "C", "TZ", "UTC0"));
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
    assertThat(process.waitFor()).as(script).isZero();
    return output;
  }
}
