package dev.longshore.cli;

import dev.longshore.cli.progress.JsonLines;
import dev.longshore.cli.progress.LiveTransfer;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.Reference;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RegistryUnreachableException;
import dev.longshore.oci.layout.BlobDownload;
import dev.longshore.oci.layout.TransferListener;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code longshore get}. */
@Command(
    name = "get",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "fetch one blob into a file, through a local agent and so out of the swarm",
    footer = {
      "",
      "The first bytes wait in FILE.part until all are there and the digest is right; only then is",
      "there a FILE, in the place of one of that name. Run again after a cut, it goes on where it",
      "stopped; when FILE has the digest already nothing is done. Progress goes to standard error.",
      "",
      "  longshore get registry.example/app@sha256:4bcf… --output layer.tar.gz",
      "  longshore get http://10.0.0.1:5000/v2/app/blobs/sha256:4bcf… --output layer.tar.gz",
    })
final class GetCommand extends JsonCommand {

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      required = true,
      description = "where the blob goes")
  @SuppressWarnings("NullAway.Init") // picocli demands it
  private Path output;

  @Option(
      names = "--digest",
      paramLabel = "DIGEST",
      description = "the blob's digest, when it is not part of what is named")
  private @Nullable Digest digest;

  @Option(
      names = "--from",
      paramLabel = "REPOSITORY",
      description = "a repository that has the blob, when only its digest is named")
  private @Nullable Reference from;

  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
  private AgentAccess access;

  @Parameters(
      index = "0",
      paramLabel = "BLOB",
      description = "REPOSITORY@DIGEST, a bare DIGEST, or a blob's URL at its registry")
  @SuppressWarnings("NullAway.Init") // picocli demands it
  private String named;

  @Override
  public Integer call() throws IOException {
    BlobArgument blob = parse();
    Path partial = output.resolveSibling(output.getFileName() + ".part");
    if (Files.isDirectory(output)) {
      throw new IOException("--output " + output + " is a folder; name the file itself");
    }
    Path folder = output.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("--output " + output + ": there is no folder " + folder);
    }
    try (RegistryClient client = access.client(blob.registry(), blob.plainHttp());
        RegistryClient asked = access.figuresClient(blob.registry());
        LiveTransfer live = begin(AgentAccess.figures(asked, blob.repository()))) {
      fetch(blob, client, partial, live.progress());
      ObjectNode result =
          JsonLines.event("result")
              .put("blob", blob.toString())
              .put("digest", blob.digest().toString())
              .put("output", output.toString());
      finish(live, result, output);
      return 0;
    } catch (RegistryUnreachableException e) {
      throw access.explained(e);
    }
  }

  private BlobArgument parse() {
    try {
      return BlobArgument.parse(named, digest, from);
    } catch (IllegalArgumentException e) {
      throw misused(e);
    }
  }

  private void fetch(
      BlobArgument blob, RegistryClient client, Path partial, TransferListener listener)
      throws IOException {
    long size =
        client
            .headBlob(blob.repository(), blob.digest())
            .orElseThrow(() ->
                new IOException(
                    blob.registry()
                        + "/"
                        + blob.repository()
                        + " has no blob "
                        + blob.digest()
                        + " (an image's own digest is that of a manifest: 'longshore pull' gets"
                        + " images)"));
    Descriptor wanted = new Descriptor(MediaTypes.OCTET_STREAM, blob.digest(), size);
    listener.planned(List.of(wanted));
    if (isThere(wanted)) {
      listener.finished(wanted, TransferListener.Outcome.ALREADY_THERE);
      return;
    }
    new BlobDownload(client, blob.repository(), listener).fetch(wanted, partial, output);
    listener.finished(wanted, TransferListener.Outcome.TRANSFERRED);
  }

  private boolean isThere(Descriptor blob) throws IOException {
    if (!Files.isRegularFile(output) || Files.size(output) != blob.size()) {
      return false;
    }
    MessageDigest hasher = blob.digest().algorithm().newHasher();
    try (InputStream in = new DigestInputStream(Files.newInputStream(output), hasher)) {
      byte[] buffer = new byte[256 << 10];
      int count;
      do {
        count = in.read(buffer);
      } while (count >= 0);
    }
    return Digest.of(blob.digest().algorithm(), hasher.digest()).equals(blob.digest());
  }
}
