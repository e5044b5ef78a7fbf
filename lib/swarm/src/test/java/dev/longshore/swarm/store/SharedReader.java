package dev.longshore.swarm.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.longshore.oci.Digest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A process that reads another one's store.
 *
 * <p>Argument: the store's folder. Takes {@code find <digest>}, {@code read <digest> <piece>} and
 * {@code close <digest>}, and answers each with a line.
 */
final class SharedReader {
  private final SharedStore store;
  private final Map<Digest, ReadableBlob> open = new HashMap<>();

  private SharedReader(SharedStore store) {
    this.store = store;
  }

  public static void main(String[] args) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    PrintStream out = new PrintStream(System.out, true, UTF_8);
    try (SharedStore store = PieceStores.openShared(Path.of(args[0]))) {
      SharedReader reader = new SharedReader(store);
      out.println("ready");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(reader.answer(line.split(" ", -1)));
      }
    }
  }

  private String answer(String[] words) throws IOException {
    Digest digest = Digest.parse(words[1]);
    return switch (words[0]) {
      case "find" -> find(digest);
      case "read" -> read(digest, Integer.parseInt(words[2]));
      case "close" -> {
        opened(digest).close();
        yield "closed";
      }
      default -> throw new IllegalArgumentException(words[0]);
    };
  }

  private String find(Digest digest) throws IOException {
    Optional<ReadableBlob> found = store.find(digest);
    if (found.isEmpty()) {
      return "none";
    }
    open.put(digest, found.get());
    return "held " + found.get().held();
  }

  private ReadableBlob opened(Digest digest) {
    return Objects.requireNonNull(open.get(digest), "find it first");
  }

  private String read(Digest digest, int piece) throws IOException {
    ReadableBlob blob = opened(digest);
    if (!blob.has(piece)) {
      return "missing";
    }
    ByteBuffer bytes = ByteBuffer.allocate(blob.map().layout().length(piece));
    long offset = blob.map().layout().offset(piece);
    while (bytes.hasRemaining() && blob.file().read(bytes, offset + bytes.position()) >= 0) {}
    boolean right = blob.map().matches(piece, Digest.sha256(bytes.array()).hash());
    return right ? "right" : "wrong";
  }
}
