package dev.longshore.seeder;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.TagOrDigest;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.preheat.PreheatingMember;
import dev.longshore.swarm.source.Registries;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Seeds images before anybody wants them, with the seeder's own logins at registries. */
final class Preheating implements PreheatingMember {
  private final Registries registries;
  private final SeedFetcher fetcher;

  Preheating(Registries registries, SeedFetcher fetcher) {
    this.registries = registries;
    this.fetcher = fetcher;
  }

  @Override
  public Manifest manifest(SourceRef source, TagOrDigest reference, @Nullable String authorization)
      throws IOException {
    return registries
        .client(source.registry())
        .fetchManifest(new RepositoryName(source.repository()), reference)
        .parse();
  }

  @Override
  public void fetch(SourceRef source, Descriptor blob, @Nullable String authorization)
      throws IOException, InterruptedException {
    fetcher.fetch(new WantedBlob(blob.digest(), blob.size(), source), Priority.PREHEAT);
  }

  @Override
  public long arrived(Digest blob) {
    return fetcher.arrived(blob);
  }
}
