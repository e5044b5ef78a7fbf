package dev.longshore.lazy.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** The name of a Unix socket in the file system. Not thread-safe. */
final class SocketFile {

  /*
   * A socket gets the permissions that the umask leaves it, and Java cannot set a umask. So it is
   * bound in a folder that only its owner enters, made private there, and then moved to where it
   * belongs: over a dead one, and never open to others.
   */

  /** sockaddr_un.sun_path is 108 bytes with its final null; unix(7). */
  private static final int MAX_BYTES = 107;

  private final Path path;
  private final Path bindFolder;
  private final Path bindPath;

  /** Which file was put in place, so that another's is not removed. */
  private @Nullable Object identity;

  private SocketFile(Path path, Path bindFolder) {
    this.path = path;
    this.bindFolder = bindFolder;
    this.bindPath = bindFolder.resolve("s");
  }

  /**
   * Sees that the path can be had.
   *
   * @throws IOException why it cannot
   */
  static SocketFile prepare(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    Path folder = absolute.getParent();
    if (folder == null) {
      throw new IOException("cannot listen at " + path + ": it names no file");
    }
    Files.createDirectories(folder);
    if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
      refuseUnlessDead(absolute);
    }
    Path bindFolder = Files.createTempDirectory(folder, ".s"); // 0700
    var file = new SocketFile(absolute, bindFolder);
    int length = Math.max(bytes(absolute), bytes(file.bindPath));
    if (length > MAX_BYTES) {
      Files.delete(bindFolder);
      throw new IOException(
          "cannot listen at %s: its path is %d bytes too long for a Unix socket"
              .formatted(absolute, length - MAX_BYTES));
    }
    return file;
  }

  private static int bytes(Path path) {
    return path.toString().getBytes(UTF_8).length;
  }

  private static void refuseUnlessDead(Path path) throws IOException {
    // S_IFMT and S_IFSOCK, inode(7)
    boolean isSocket =
        Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) instanceof Integer mode
            && (mode & 0170000) == 0140000;
    if (!isSocket) {
      throw new IOException("cannot listen at " + path + ": a file that is no socket is there");
    }
    try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      throw new IOException("cannot listen at " + path + ": another process answers there");
    } catch (SocketException _) {
      // connection refused: nobody listens, and publish replaces it
    }
  }

  UnixDomainSocketAddress bindAddress() {
    return UnixDomainSocketAddress.of(bindPath);
  }

  /** Puts the bound socket where it belongs. */
  void publish() throws IOException {
    Files.setPosixFilePermissions(bindPath, PosixFilePermissions.fromString("rw-------"));
    identity = Files.readAttributes(bindPath, BasicFileAttributes.class).fileKey();
    Files.move(bindPath, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.delete(bindFolder);
  }

  /** Removes the socket, if it is still the one that was put there. */
  void remove() throws IOException {
    Files.deleteIfExists(bindPath);
    Files.deleteIfExists(bindFolder);
    if (identity != null
        && Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        && identity.equals(
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey())) {
      Files.delete(path);
    }
    identity = null;
  }
}
