package dev.longshore.lazy.layers;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders of all layers here. One is made under another name and gets its own only when it is
 * whole and on the disk; so whatever has a layer's name can be mounted, whenever the machine stops.
 */
final class LayerFolders {
  private static final Logger LOG = LoggerFactory.getLogger(LayerFolders.class);
  private static final String UNFINISHED = "new-";
  private static final String DOOMED = "old-";

  private final Path root;

  /** The folders below this one, which is made if it is not there; unfinished ones are deleted. */
  LayerFolders(Path root) throws IOException {
    this.root = Files.createDirectories(root);
    try (DirectoryStream<Path> found = Files.newDirectoryStream(root)) {
      for (Path folder : found) {
        String name = folder.getFileName().toString();
        if (name.startsWith(UNFINISHED) || name.startsWith(DOOMED)) {
          deleteTree(folder);
        }
      }
    }
  }

  /** The folder of a layer, if it is here. */
  Optional<LayerFolder> find(Digest layer) {
    Path folder = folder(layer);
    return Files.isDirectory(folder) ? Optional.of(new LayerFolder(folder)) : Optional.empty();
  }

  /** Every layer that is here. */
  List<Digest> all() throws IOException {
    List<Digest> layers = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(root)) {
      for (Path folder : found) {
        Digest.tryParse(folder.getFileName().toString().replace('-', ':')).ifPresent(layers::add);
      }
    }
    return layers;
  }

  /** An empty folder to make a layer in. */
  LayerFolder begin() throws IOException {
    return new LayerFolder(Files.createTempDirectory(root, UNFINISHED));
  }

  /** Gives a folder that is ready its layer's name. */
  LayerFolder finish(LayerFolder made, Digest layer) throws IOException {
    made.sync();
    Path folder = folder(layer);
    Files.move(made.path(), folder, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel channel = FileChannel.open(root, StandardOpenOption.READ)) {
      channel.force(true);
    }
    return new LayerFolder(folder);
  }

  /** Deletes a folder that was begun. */
  void abandon(LayerFolder made) {
    deleteTree(made.path());
  }

  /** Deletes a layer, which is not mounted. */
  void delete(Digest layer) {
    Path folder = folder(layer);
    Path doomed = root.resolve(DOOMED + folder.getFileName());
    try {
      Files.move(folder, doomed, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.warn("Cannot delete layer {}; it stays until the next start", layer, e);
      return;
    }
    deleteTree(doomed);
  }

  private Path folder(Digest layer) {
    return root.resolve(layer.toString().replace(':', '-'));
  }

  private static void deleteTree(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      LOG.warn("Cannot delete {}; it is tried again at the next start", folder, e);
    }
  }
}
