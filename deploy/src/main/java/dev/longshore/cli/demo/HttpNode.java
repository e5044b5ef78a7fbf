package dev.longshore.cli.demo;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.MalformedManifestException;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.Reference;
import dev.longshore.oci.client.RegistryClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Where no containers can be run: a client that asks the agent for the same things as containerd,
 * in the same order and number at a time, and checks every digest.
 */
final class HttpNode implements Node {
  /** containerd's own default (CRI, max_concurrent_downloads). */
  private static final int AT_A_TIME = 3;

  private final RegistryClient client;
  private final Reference image;

  HttpNode(URI mirror, Reference image) {
    this.client = RegistryClient.builder(mirror).mirrorOf(image.registry()).build();
    this.image = image;
  }

  @Override
  public void pull() throws IOException, InterruptedException {
    try (ExecutorService pool =
        Executors.newFixedThreadPool(AT_A_TIME, Thread.ofVirtual().factory())) {
      List<Future<Long>> blobs = new ArrayList<>();
      for (Descriptor child : imageManifest().children()) {
        blobs.add(pool.submit(() -> read(child)));
      }
      for (Future<Long> blob : blobs) {
        blob.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure
          ? failure
          : new IOException("pulling " + image + " failed", e.getCause());
    }
  }

  private ImageManifest imageManifest() throws IOException {
    try {
      Manifest manifest = client.fetchManifest(image.repository(), image.target()).parse();
      if (manifest instanceof ImageManifest single) {
        return single;
      }
      throw new IOException(image + ": expected an image, found " + manifest.mediaType());
    } catch (MalformedManifestException e) {
      throw new IOException("the manifest of " + image + " cannot be read", e);
    }
  }

  private long read(Descriptor blob) throws IOException {
    try (InputStream in = client.openBlob(image.repository(), blob.digest(), blob.size())) {
      return in.transferTo(OutputStream.nullOutputStream());
    }
  }

  @Override
  public String run() {
    return "";
  }

  @Override
  public void close() {
    client.close();
  }
}
