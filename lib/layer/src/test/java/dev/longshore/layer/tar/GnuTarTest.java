package dev.longshore.layer.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares what the parser sees with what GNU tar lists, and the bytes with the tree archived. */
class GnuTarTest {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

  private static final String TREE =
      """
      mkdir -p tree/dir/sub tree/empty; cd tree
      seq 100000 > dir/numbers
      head -c 512 dir/numbers > dir/block
      : > nothing
      printf x > dir/sub/$'\\xff\\xfe caf\\xc3\\xa9'
      printf y > 'back\\slash and "quotes"'
      ln -s dir/numbers symlink
      ln -s nowhere/$(printf 't%.0s' {1..150}) far
      ln dir/numbers hardlink
      mkfifo fifo
      chmod 4755 dir/block; chmod 1777 empty; chmod 0 nothing
      touch -d '1969-12-31 12:00:00 UTC' nothing
      touch -d '2038-02-01 12:00:00.123456789 UTC' dir/block
      """;

  private static final String LONG_NAMES =
      """
      cd tree
      d=$(printf 'd%.0s' {1..200}); mkdir -p $d/$d; echo z > $d/$d/$(printf 'n%.0s' {1..120})
      ln $d/$d/n* $d/$d/link
      """;

  private static final String HOLES =
      """
      cd tree
      truncate -s 3M all-hole
      truncate -s 5M end-hole; printf data | dd of=end-hole conv=notrunc status=none
      truncate -s 5M start-hole; printf data >> start-hole
      truncate -s 4M many
      for i in {1..60}; do printf $i | dd of=many bs=64K seek=$i conv=notrunc status=none; done
      """;

  @TempDir Path folder;

  @BeforeEach
  void plant() throws Exception {
    bash(TREE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v7", "ustar", "oldgnu", "gnu", "posix"})
  void feed_archiveOfEachFormat_isWhatTarLists(String format) throws Exception {
    if (format.equals("v7")) {
      bash("cd tree; rm far fifo; touch -d @0 nothing");
    } else if (format.equals("ustar")) {
      bash("cd tree; rm far; touch -d @0 nothing");
    } else {
      bash(LONG_NAMES);
    }
    compare("--format=" + format);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--format=oldgnu",
        "--format=gnu",
        "--format=posix --sparse-version=0.0",
        "--format=posix --sparse-version=0.1",
        "--format=posix --sparse-version=1.0"
      })
  void feed_filesWithHoles_areWhatTheTreeHas(String options) throws Exception {
    bash(LONG_NAMES);
    bash(HOLES);

    List<TarEntry> entries = compare("--sparse --hole-detection=raw " + options);

    assertThat(data(entries, "./all-hole")).isEmpty();
    assertThat(data(entries, "./end-hole")).hasSize(1);
    assertThat(data(entries, "./many")).hasSize(60);
  }

  @Test
  void feed_fractionBefore1970_isRoundedDown() throws Exception {
    bash("touch -d '1969-12-31 12:00:00.25 UTC' old; tar --format=posix -cf a.tar old");

    TarEntry entry = Parsed.of(Files.readAllBytes(folder.resolve("a.tar"))).getFirst();
    assertThat(entry.seconds()).isEqualTo(-43_200);
    assertThat(entry.nanos()).isEqualTo(250_000_000);
  }

  @Test
  void feed_labelledArchive_leavesTheLabelOut() throws Exception {
    compare("--format=gnu --label=volume");
    compare("--format=posix --label=volume");
  }

  @Test
  void feed_incrementalArchive_hasDirectories() throws Exception {
    compare("--format=gnu --listed-incremental=a.snar");
  }

  @Test
  void feed_archivesConcatenatedByTar_areOne() throws Exception {
    bash("cd tree; tar -cf ../a.tar nothing; tar -cf ../b.tar dir; tar -Af ../a.tar ../b.tar");

    assertThat(Parsed.of(Files.readAllBytes(folder.resolve("a.tar")))).hasSize(6);
  }

  private List<TarEntry> compare(String options) throws Exception {
    bash("tar -C tree -c -f a.tar --numeric-owner " + options + " .");
    byte[] archive = Files.readAllBytes(folder.resolve("a.tar"));
    List<TarEntry> entries = Parsed.of(archive);
    assertThat(entries.stream().map(GnuTarTest::line)).containsExactlyElementsOf(listed());
    assertThat(digests(entries, archive)).containsExactlyEntriesOf(treeDigests());
    return entries;
  }

  private static List<Segment> data(List<TarEntry> entries, String path) {
    return entries.stream()
        .filter(entry -> entry.path().equals(path))
        .flatMap(entry -> entry.data().stream())
        .toList();
  }

  /** As tar lists it, with all but the fraction of a second. */
  private List<String> listed() throws Exception {
    return bash("tar -tvf a.tar --numeric-owner --full-time --quoting-style=literal")
        .lines()
        .filter(line -> !line.startsWith("V"))
        .map(line -> line.replaceFirst("(?<=^d\\S{9} \\d{1,9}/\\d{1,9}) +\\d+", " 0"))
        .map(line -> line.replaceFirst(" +(\\S+) (\\S+) ([^ .]+)(\\.\\d+)? +\\./", " $1 $2 $3 ./"))
        .toList();
  }

  private static String line(TarEntry entry) {
    String target =
        switch (entry.type()) {
          case SYMLINK -> " -> " + entry.target();
          case HARD_LINK -> " link to " + entry.target();
          default -> "";
        };
    return "%s %d/%d %d %s %s%s"
        .formatted(
            permissions(entry),
            entry.uid(),
            entry.gid(),
            entry.size(),
            TIME.format(Instant.ofEpochSecond(entry.seconds())),
            entry.path(),
            target);
  }

  private static String permissions(TarEntry entry) {
    char[] text =
        "-hlcbdp"
            .substring(entry.type().code() - 1)
            .substring(0, 1)
            .concat("rwxrwxrwx")
            .toCharArray();
    for (int bit = 0; bit < 9; bit++) {
      if ((entry.mode() & 0400 >> bit) == 0) {
        text[bit + 1] = '-';
      }
    }
    if ((entry.mode() & 04000) != 0) {
      text[3] = 's';
    }
    if ((entry.mode() & 01000) != 0) {
      text[9] = 't';
    }
    return new String(text);
  }

  private static Map<String, String> digests(List<TarEntry> entries, byte[] archive)
      throws Exception {
    Map<String, String> digests = new TreeMap<>();
    for (TarEntry entry : entries) {
      if (entry.type() == EntryType.FILE) {
        byte[] content = Parsed.content(entry, archive);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
        digests.put(entry.path(), HexFormat.of().formatHex(digest));
      } else if (entry.type() == EntryType.HARD_LINK) {
        digests.put(entry.path(), digests.getOrDefault(entry.target(), "target not seen"));
      }
    }
    return digests;
  }

  private Map<String, String> treeDigests() throws Exception {
    Map<String, String> digests = new TreeMap<>();
    bash("cd tree; find . -type f -print0 | xargs -0 sha256sum -z | tr '\\0' '\\n'")
        .lines()
        .forEach(line -> digests.put(line.substring(66), line.substring(0, 64)));
    return digests;
  }

  private String bash(String script) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", "-euc", script));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().putAll(Map.of("LC_ALL", "C", "TZ", "UTC0"));
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
    assertThat(process.waitFor()).as(script).isZero();
    return output;
  }
}
