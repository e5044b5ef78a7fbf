package dev.longshore.swarm.holding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.SourceRef;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceBookTest {
  private static final Digest A = Digest.sha256(new byte[] {1});
  private static final Digest B = Digest.sha256(new byte[] {2});
  private static final Digest C = Digest.sha256(new byte[] {3});
  private static final int MOST_LINES = 200_000;
  private static final SourceRef FIRST = new SourceRef("r.example:5000", "team/app");
  private static final SourceRef SECOND = new SourceRef("docker.io", "library/alpine");

  @TempDir Path folder;

  @Test
  void note_reopened_theLastNoteWins() throws IOException {
    SourceBook book = SourceBook.open(folder.resolve("sources"));
    book.note(A, FIRST);
    book.note(B, SECOND);
    book.note(A, SECOND);
    SourceBook reopened = SourceBook.open(folder.resolve("sources"));
    assertThat(reopened.source(A)).contains(SECOND);
    assertThat(reopened.source(B)).contains(SECOND);
    assertThat(reopened.source(Digest.sha256(new byte[0]))).isEmpty();
  }

  @Test
  void open_tornLastLine_isSkippedAndEnded() throws IOException {
    Path file = folder.resolve("sources");
    SourceBook.open(file).note(A, FIRST);
    Files.writeString(file, B + " docker.i", StandardOpenOption.APPEND);
    SourceBook.open(file).note(B, SECOND);
    SourceBook reopened = SourceBook.open(file);
    assertThat(reopened.source(A)).contains(FIRST);
    assertThat(reopened.source(B)).contains(SECOND);
  }

  @Test
  void open_garbageAmongTheLines_isPassedOver() throws IOException {
    Path file = folder.resolve("sources");
    SourceBook.open(file).note(A, FIRST);
    byte[] garbage = new byte[1 << 20];
    new Random(3).nextBytes(garbage);
    Files.write(file, garbage, StandardOpenOption.APPEND);
    String wrong = "\n" + B + " \u0001 \u0002\n" + B + "  \nsha256:zz a b\n";
    Files.writeString(file, wrong, StandardOpenOption.APPEND);
    SourceBook book = SourceBook.open(file);
    assertThat(book.source(A)).contains(FIRST);
    assertThat(book.source(B)).isEmpty();
    book.note(B, SECOND);
    assertThat(SourceBook.open(file).source(B)).contains(SECOND);
  }

  @Test
  void open_nameThatIsFarTooLong_isPassedOver() throws IOException {
    Path file = folder.resolve("sources");
    Files.writeString(file, A + " " + "r".repeat(100_000) + " team/app\n" + line(B));
    SourceBook book = SourceBook.open(file);
    assertThat(book.source(A)).isEmpty();
    assertThat(book.source(B)).contains(FIRST);
  }

  @Test
  void open_fileLargerThanAnyBook_beginsAnew() throws IOException {
    Path file = folder.resolve("sources");
    SourceBook.open(file).note(A, FIRST);
    try (RandomAccessFile spoilt = new RandomAccessFile(file.toFile(), "rw")) {
      spoilt.setLength(1L << 40);
    }
    SourceBook book = SourceBook.open(file);
    assertThat(book.source(A)).isEmpty();
    book.note(B, FIRST);
    assertThat(Files.readString(file)).isEqualTo(line(B));
  }

  private static String line(Digest blob) {
    return blob + " " + FIRST.registry() + " " + FIRST.repository() + "\n";
  }

  @Test
  void open_noRoomToWrite_readsWhatIsThere() throws IOException {
    Path file = folder.resolve("sources");
    SourceBook.open(file).note(A, FIRST);
    Files.createDirectories(folder.resolve("sources.new").resolve("in the way"));
    assertThat(SourceBook.open(file).source(A)).contains(FIRST);
  }

  @Test
  void note_blobsOfAManifest_areThereAfterwardsAndWrittenOnce() throws IOException {
    Path file = folder.resolve("sources");
    SourceBook book = SourceBook.open(file);
    book.note(A, FIRST);
    book.note(List.of(A, B, C, B), FIRST);
    book.note(List.of(A, C), FIRST);
    assertThat(Files.readString(file)).isEqualTo(line(A) + line(B) + line(C));
    book.note(List.of(), SECOND);
    book.note(List.of(A, B), SECOND);
    SourceBook reopened = SourceBook.open(file);
    assertThat(reopened.source(A)).contains(SECOND);
    assertThat(reopened.source(B)).contains(SECOND);
    assertThat(reopened.source(C)).contains(FIRST);
  }

  @Test
  void note_tornAmongThoseOfAManifest_losesTheTornOneAndWhatFollowedIt() throws IOException {
    Path file = folder.resolve("sources");
    SourceBook.open(file).note(List.of(A, B, C), FIRST);
    try (RandomAccessFile torn = new RandomAccessFile(file.toFile(), "rw")) {
      torn.setLength(line(A).length() + 70L);
    }
    SourceBook book = SourceBook.open(file);
    assertThat(book.source(A)).contains(FIRST);
    assertThat(book.source(B)).isEmpty();
    assertThat(book.source(C)).isEmpty();
    book.note(List.of(C, B), SECOND);
    SourceBook reopened = SourceBook.open(file);
    assertThat(reopened.source(A)).contains(FIRST);
    assertThat(reopened.source(B)).contains(SECOND);
    assertThat(reopened.source(C)).contains(SECOND);
  }

  @Test
  void note_afterOneThatFailed_beginsOnALineOfItsOwn() throws IOException {
    Path file = folder.resolve("sources");
    SourceBook book = SourceBook.open(file);
    Files.createSymbolicLink(file, Path.of("/dev/full")); // a file on which every write is ENOSPC
    assertThatThrownBy(() -> book.note(List.of(A, B), FIRST)).isInstanceOf(IOException.class);
    Files.delete(file);
    Files.writeString(file, A + " r.exam"); // what may have been written of it
    book.note(List.of(B, C), SECOND);
    SourceBook reopened = SourceBook.open(file);
    assertThat(reopened.source(A)).isEmpty();
    assertThat(reopened.source(B)).contains(SECOND);
    assertThat(reopened.source(C)).contains(SECOND);
  }

  @Test
  void note_moreLinesThanTheBookMayHave_isWrittenAnew() throws IOException {
    Path file = folder.resolve("sources");
    Files.writeString(file, line(A).repeat(MOST_LINES - 2));
    SourceBook book = SourceBook.open(file);
    book.note(List.of(B, C), FIRST);
    assertThat(Files.size(file)).as("just fits").isEqualTo((long) line(A).length() * MOST_LINES);
    book.note(List.of(A), SECOND);
    String anew = Files.readString(file);
    assertThat(anew.lines()).hasSize(3);
    assertThat(anew).endsWith(line(B) + line(C)).startsWith(A + " " + SECOND.registry());
    Files.writeString(file, line(A).repeat(MOST_LINES - 1));
    SourceBook.open(file).note(List.of(B, C), FIRST);
    assertThat(Files.readString(file)).isEqualTo(line(A) + line(B) + line(C));
  }

  @Test
  void note_same_isWrittenOnce() throws IOException {
    Path file = folder.resolve("sources");
    SourceBook book = SourceBook.open(file);
    book.note(A, FIRST);
    book.note(A, FIRST);
    assertThat(Files.readAllLines(file)).hasSize(1);
  }
}
