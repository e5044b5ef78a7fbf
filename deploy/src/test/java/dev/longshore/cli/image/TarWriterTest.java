package dev.longshore.cli.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.cli.image.LayerEntry.CopiedFile;
import dev.longshore.cli.image.LayerEntry.Directory;
import dev.longshore.cli.image.LayerEntry.WrittenFile;
import dev.longshore.cli.process.ExternalCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarWriterTest {
  @TempDir Path folder;

  @Test
  void add_everyKindOfEntry_tarReadsItBack() throws Exception {
    Path source = Files.writeString(folder.resolve("source"), "x".repeat(1000));
    String deep = "d".repeat(90) + "/" + "n".repeat(90);
    Path archive = folder.resolve("a.tar");
    Files.write(
        archive,
        archiveOf(
            List.of(
                new Directory("tmp", 01777),
                new WrittenFile("etc/passwd", "root:x:0:0\n"),
                new CopiedFile(deep, 0755, source))));

    String listing =
        ExternalCommand.run(
                List.of("tar", "--utc", "-tvf", archive.toString()), Duration.ofSeconds(10))
            .orThrow()
            .output();

    assertThat(listing.lines())
        .hasSize(3)
        .anyMatch(line -> line.matches("drwxrwxrwt root/root +0 1970-01-01 00:00 tmp/"))
        .anyMatch(line -> line.matches("-rw-r--r-- root/root +11 1970-01-01 00:00 etc/passwd"))
        .anyMatch(line -> line.matches("-rwxr-xr-x root/root +1000 1970-01-01 00:00 " + deep));
  }

  @Test
  void add_pathThatFitsNowhere_namesIt() {
    assertThatThrownBy(() -> archiveOf(List.of(new Directory("n".repeat(120), 0755))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too long")
        .hasMessageContaining("nnn");
  }

  @Test
  void add_sameEntriesTwice_sameBytes() throws Exception {
    List<LayerEntry> entries = List.of(new WrittenFile("a", 0644, "content"));

    assertThat(archiveOf(entries)).isEqualTo(archiveOf(entries));
  }

  private static byte[] archiveOf(List<LayerEntry> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarWriter tar = new TarWriter(bytes)) {
      for (LayerEntry entry : entries) {
        tar.add(entry);
      }
    }
    return bytes.toByteArray();
  }
}
