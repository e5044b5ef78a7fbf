package dev.longshore.swarm.member;

import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.TrustedKeys;
import dev.longshore.service.StartFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The file that {@code --cluster-key} names; without it no member starts. */
public final class ClusterKeyFile {
  private static final String WRITTEN_BY_ORIGIN = "; the origin writes it to its DATA/cluster.key";

  private ClusterKeyFile() {}

  /** The public half, with which piece maps are checked. */
  public static TrustedKeys loadPublic(Optional<Path> file) throws StartFailedException {
    return load(
        file,
        "public key that piece maps are checked with",
        WRITTEN_BY_ORIGIN + ".pub at first start: copy that file here and give its path",
        TrustedKeys::load);
  }

  /** The private half, with which piece maps are signed. */
  public static ClusterKey loadPrivate(Optional<Path> file) throws StartFailedException {
    return load(
        file,
        "private key that piece maps are signed with",
        WRITTEN_BY_ORIGIN
            + " at first start: copy that file here, keep it secret, and give its path",
        ClusterKey::load);
  }

  @FunctionalInterface
  private interface KeyReader<K> {
    K read(Path file) throws IOException;
  }

  private static <K> K load(Optional<Path> given, String what, String where, KeyReader<K> reader)
      throws StartFailedException {
    if (given.isEmpty()) {
      throw new StartFailedException("--cluster-key FILE is needed: the " + what + where);
    }
    Path file = given.get();
    if (!Files.exists(file)) {
      throw new StartFailedException("--cluster-key " + file + " does not exist" + where);
    }
    try {
      return reader.read(file);
    } catch (IOException e) {
      throw new StartFailedException("--cluster-key: " + e.getMessage() + where, e);
    }
  }
}
