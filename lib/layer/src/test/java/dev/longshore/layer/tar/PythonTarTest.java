package dev.longshore.layer.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.layer.RawText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares what the parser sees with what Python's tarfile sees, offsets of data and extended
 * attributes too; archives are by GNU tar and by Python. Needs root for devices and capabilities.
 */
@Tag("node")
class PythonTarTest {
  private static final String TREE =
      """
      mkdir -p tree/dir tree/$(printf 'd%.0s' {1..150}); cd tree
      seq 5000 > dir/numbers; : > nothing; ln -s dir/numbers symlink; ln dir/numbers hardlink
      mkfifo fifo; mknod char c 5 1; mknod block b 259 70000
      cp dir/numbers capable; setcap cap_net_raw+ep capable
      printf x > $'dir/\\xff caf\\xc3\\xa9'
      python3 -c 'import os
      os.setxattr("dir", b"trusted.a", b"=\\0\\n")
      os.setxattr("dir/numbers", b"trusted.empty", b"")
      os.setxattr("dir/numbers", b"trusted.long", bytes(range(256)) * 8)'
      chown 3000000:4000000 nothing; touch -d '1960-01-01 UTC' dir
      truncate -s 4M holes
      for i in {1..60}; do printf $i | dd of=holes bs=64K seek=$i conv=notrunc status=none; done
      """;

  /** Writes the tree in a format, with numbers and names that need each extension. */
  private static final String WRITE =
      """
      import sys, tarfile
      def odd(info):
          info.mtime += 0.5 if sys.argv[1] == "PAX" else 0
          return info
      with tarfile.open("a.tar", "w", format=getattr(tarfile, sys.argv[1] + "_FORMAT"),
                        pax_headers={"comment": "global"} if sys.argv[1] == "PAX" else {}) as tar:
          tar.add("tree", filter=odd)
      """;

  private static final String VIEW =
      """
      import math, tarfile
      raw = lambda text: text.encode("utf-8", "surrogateescape").hex()
      kinds = {b"1": 2, b"2": 3, b"3": 4, b"4": 5, b"5": 6, b"6": 7, b"D": 6}
      with tarfile.open("a.tar", encoding="utf-8", errors="surrogateescape") as tar:
          for m in tar:
              kind = kinds.get(m.type, 1)
              link, device, file = kind in (2, 3), kind in (4, 5), kind == 1
              data = m.sparse if m.sparse is not None else [(0, m.size)]
              xattrs = sorted((k[13:], v) for k, v in m.pax_headers.items()
                              if k.startswith("SCHILY.xattr."))
              print(raw(m.name), kind, m.mode, m.uid, m.gid, math.floor(m.mtime),
                    m.size if file else 0, raw(m.linkname) if link else "",
                    m.devmajor if device else 0, m.devminor if device else 0,
                    m.offset_data if file and any(n for _, n in data) else 0,
                    ",".join("%d+%d" % (o, n) for o, n in data if n and file),
                    ",".join(raw(k) + "=" + raw(v) for k, v in xattrs), sep="|")
      """;

  @TempDir Path folder;

  @BeforeEach
  void plant() throws Exception {
    bash(TREE);
    Files.writeString(folder.resolve("write.py"), WRITE);
    Files.writeString(folder.resolve("view.py"), VIEW);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--format=oldgnu --sparse",
        "--format=gnu --sparse",
        "--format=posix --xattrs --xattrs-include=*",
        "--format=posix --xattrs --xattrs-include=* --sparse --sparse-version=0.0",
        "--format=posix --xattrs --xattrs-include=* --sparse --sparse-version=0.1",
        "--format=posix --xattrs --xattrs-include=* --sparse --sparse-version=1.0"
      })
  void feed_archiveByGnuTar_isWhatPythonSees(String options) throws Exception {
    bash("tar -C . -cf a.tar --numeric-owner " + options + " tree");

    compare();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GNU", "PAX"})
  void feed_archiveByPython_isWhatPythonSees(String format) throws Exception {
    bash("python3 write.py " + format);

    compare();
  }

  @Test
  void feed_archiveByPythonOfSmallNumbers_isWhatPythonSees() throws Exception {
    bash("chown 1:2 tree/nothing; touch -d @0 tree/dir; python3 write.py USTAR");

    compare();
  }

  @Test
  void feed_capability_isOfItsBytes() throws Exception {
    bash("tar -cf a.tar --format=posix --xattrs --xattrs-include=* tree/capable");

    byte[] archive = Files.readAllBytes(folder.resolve("a.tar"));
    assertThat(Parsed.of(archive).getFirst().xattrs())
        .isEqualTo(
            new TreeMap<>(
                Map.of(
                    "security.capability",
                    RawText.of(
                        HexFormat.of().parseHex("0100000200200000000000000000000000000000")))));
  }

  private void compare() throws Exception {
    List<TarEntry> entries = Parsed.of(Files.readAllBytes(folder.resolve("a.tar")));

    assertThat(entries).hasSizeGreaterThan(10);
    assertThat(entries.stream().map(PythonTarTest::line))
        .containsExactlyElementsOf(bash("python3 view.py").lines().toList());
  }

  private static String line(TarEntry entry) {
    List<String> data = new ArrayList<>();
    entry.data().forEach(segment -> data.add(segment.fileOffset() + "+" + segment.length()));
    List<String> xattrs = new ArrayList<>();
    entry.xattrs().forEach((name, value) -> xattrs.add(hex(name) + "=" + hex(value)));
    return String.join(
        "|",
        hex(entry.path().replaceFirst("/$", "")),
        String.valueOf(entry.type().code()),
        String.valueOf(entry.mode()),
        String.valueOf(entry.uid()),
        String.valueOf(entry.gid()),
        String.valueOf(entry.seconds()),
        String.valueOf(entry.size()),
        hex(entry.target()),
        String.valueOf(entry.major()),
        String.valueOf(entry.minor()),
        entry.data().isEmpty() ? "0" : String.valueOf(entry.data().getFirst().streamOffset()),
        String.join(",", data),
        String.join(",", xattrs));
  }

  private static String hex(String raw) {
    return HexFormat.of().formatHex(RawText.bytes(raw));
  }

  private String bash(String script) throws Exception {
    ProcessBuilder builder = new ProcessBuilder("bash", "-euc", script).directory(folder.toFile());
    builder.environment().putAll(Map.of("LC_ALL", "C.UTF-8", "TZ", "UTC0"));
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
    assertThat(process.waitFor()).as(script).isZero();
    return output;
  }
}
