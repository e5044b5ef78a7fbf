package dev.longshore.agent;

import dev.longshore.agent.blob.Blobs;
import dev.longshore.agent.upstream.Caller;
import dev.longshore.agent.upstream.KnownManifest;
import dev.longshore.agent.upstream.NotFoundException;
import dev.longshore.agent.upstream.Upstream;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.TagOrDigest;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.node.SourceDeniedException;
import dev.longshore.swarm.preheat.PreheatingMember;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Has images before containerd wants them, with the rights of whoever asks. */
final class Preheating implements PreheatingMember {
  private final Upstream upstream;
  private final Blobs blobs;

  Preheating(Upstream upstream, Blobs blobs) {
    this.upstream = upstream;
    this.blobs = blobs;
  }

  @Override
  public Manifest manifest(SourceRef source, TagOrDigest reference, @Nullable String authorization)
      throws IOException, InterruptedException {
    KnownManifest known = upstream.manifest(new Caller(source, authorization), reference);
    return Manifest.parse(known.bytes(), known.mediaType());
  }

  @Override
  public void fetch(SourceRef source, Descriptor blob, @Nullable String authorization)
      throws IOException, InterruptedException {
    try {
      blobs.fetch(upstream.blob(new Caller(source, authorization), blob.digest()));
    } catch (NotFoundException e) {
      throw new SourceDeniedException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public long arrived(Digest blob) {
    return blobs.arrived(blob);
  }
}
