package dev.longshore.oci.client;

import dev.longshore.oci.Digest;
import dev.longshore.oci.RepositoryName;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Uploads one blob: POST, then one PUT with everything or PATCHes and a closing PUT.
 *
 * <p>After a cut it asks the upload how far it got and goes on from there by PATCH. When the upload
 * is gone, the blob is either there (the last answer was lost) or a new upload begins.
 */
final class BlobUploader {
  private final RegistrySession session;
  private final RepositoryName repository;
  private final Digest digest;
  private final BlobSource content;
  private final LongConsumer sent;

  BlobUploader(
      RegistrySession session,
      RepositoryName repository,
      Digest digest,
      BlobSource content,
      LongConsumer sent) {
    this.session = session;
    this.repository = repository;
    this.digest = digest;
    this.content = content;
    this.sent = sent;
  }

  void upload() throws IOException {
    Backoff backoff = session.backoff();
    UploadWire upload = begin();
    int failures = 0;
    while (true) {
      long before = upload.offset();
      try {
        transfer(upload);
        sent.accept(content.size());
        return;
      } catch (IOException e) {
        // Whole chunks got through meanwhile: that is progress, the count starts over.
        failures = upload.offset() > before ? 1 : failures + 1;
        if (isPermanent(e) || failures >= backoff.attempts()) {
          throw e;
        }
        backoff.pause(
            failures,
            e instanceof RegistryException answer ? answer.retryAfter().orElse(null) : null);
        Optional<UploadWire> next = resynchronize(upload);
        if (next.isEmpty()) {
          sent.accept(content.size());
          return;
        }
        upload = next.get();
      }
    }
  }

  private void transfer(UploadWire upload) throws IOException {
    long size = content.size();
    long chunk = upload.chunk(session.settings().uploadChunk());
    boolean oneRequest = upload.offset() == 0 && (chunk == 0 || size <= chunk);
    if (oneRequest) {
      upload.finish(digest, content, sent);
      return;
    }
    while (upload.offset() < size) {
      long length = chunk == 0 ? size - upload.offset() : Math.min(chunk, size - upload.offset());
      upload.append(content, length, sent);
    }
    upload.finish(digest, content, sent);
  }

  private UploadWire begin() throws IOException {
    URI uri = session.uri(repository, "blobs/uploads/");
    WireRequest request =
        new WireRequest("POST", uri, Map.of(), null, RegistrySession.push(repository), true);
    try (WireResponse response = session.send(request)) {
      if (response.status() != 202) {
        throw response.failure();
      }
      return new UploadWire(session, repository, response);
    }
  }

  /** Where to go on; empty when the registry turns out to have the blob. */
  private Optional<UploadWire> resynchronize(UploadWire upload) throws IOException {
    if (upload.askOffset(content.size())) {
      return Optional.of(upload);
    }
    if (new BlobReader(session).size(repository, digest).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(begin());
  }

  /** 404 and 416 mean that we and the upload disagree, which asking it settles. */
  private static boolean isPermanent(IOException failure) {
    return switch (failure) {
      case RegistryUnreachableException cut -> false;
      case RegistryException answer ->
          answer.status() != 404 && answer.status() != 416 && !Backoff.isTransient(answer.status());
      default -> true;
    };
  }
}
