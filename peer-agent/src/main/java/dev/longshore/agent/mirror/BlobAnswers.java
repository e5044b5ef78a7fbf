package dev.longshore.agent.mirror;

import dev.longshore.agent.blob.Blobs;
import dev.longshore.agent.blob.ClientGoneException;
import dev.longshore.agent.blob.OpenBlob;
import dev.longshore.agent.blob.TransferReport;
import dev.longshore.agent.upstream.Caller;
import dev.longshore.agent.upstream.Upstream;
import dev.longshore.oci.Digest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.OciError;
import dev.longshore.oci.json.BoundedJson;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.source.BlobAtSource;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Answers requests for blobs, whole and in part, while the bytes may still be on their way. */
final class BlobAnswers {

  /** What lib/layer calls an encoded layer index. */
  static final String LAYER_INDEX = "application/vnd.longshore.layer-index.v1";

  private final Upstream upstream;
  private final Blobs blobs;
  private final MirrorMetrics metrics;

  BlobAnswers(Upstream upstream, Blobs blobs, MirrorMetrics metrics) {
    this.upstream = upstream;
    this.blobs = blobs;
    this.metrics = metrics;
  }

  void answer(HttpExchange exchange, Caller caller, Digest digest)
      throws IOException, InterruptedException {
    long asked = System.nanoTime();
    answer(exchange, upstream.blob(caller, digest), MediaTypes.OCTET_STREAM, asked);
  }

  /** Answers with the index of a layer, a blob that the upstream names. */
  void answerIndex(HttpExchange exchange, Caller caller, Digest layer)
      throws IOException, InterruptedException {
    long asked = System.nanoTime();
    BlobAtSource index = upstream.layerIndex(caller, layer);
    try {
      answer(exchange, index, LAYER_INDEX, asked);
    } catch (IOException e) {
      upstream.forgetLayerIndex(caller, layer); // it may be another one by now
      throw e;
    }
  }

  private void answer(HttpExchange exchange, BlobAtSource source, String contentType, long asked)
      throws IOException, InterruptedException {
    Digest digest = source.digest();
    Optional<ByteRange> range =
        ByteRange.of(exchange.headers().get(HttpHeaderNames.RANGE), source.size());
    HttpHeaders headers =
        MirrorErrors.headers()
            .set(HttpHeaderNames.CONTENT_TYPE, contentType)
            .set(Mirror.CONTENT_DIGEST, digest.toString())
            .set(HttpHeaderNames.ETAG, "\"" + digest + "\"")
            .set(HttpHeaderNames.ACCEPT_RANGES, "bytes");
    if (range.isEmpty()) {
      headers.set(HttpHeaderNames.CONTENT_RANGE, "bytes */" + source.size());
      MirrorErrors.answer(
          exchange,
          HttpResponseStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
          headers,
          List.of(
              OciError.RANGE_INVALID.with(
                  "the blob has " + source.size() + " bytes; the range lies outside of it")));
      return;
    }
    ByteRange part = range.get();
    HttpResponseStatus status = HttpResponseStatus.OK;
    if (part.partial()) {
      status = HttpResponseStatus.PARTIAL_CONTENT;
      headers.set(HttpHeaderNames.CONTENT_RANGE, part.contentRange(source.size()));
    }
    if (exchange.method().equals(HttpMethod.HEAD)) {
      exchange.respondHead(status, headers, part.length());
    } else if (source.size() == 0) {
      exchange.respond(status, headers, Unpooled.EMPTY_BUFFER);
    } else {
      stream(exchange, source, part, status, headers, asked);
    }
  }

  /** Tells whoever may read a blob how this node got it last, or is getting it. */
  void tellTransfer(HttpExchange exchange, Caller caller, Digest digest) throws IOException {
    BlobAtSource source = upstream.blob(caller, digest);
    ObjectNode told = BoundedJson.newObject();
    told.put("digest", digest.toString());
    told.put("size", source.size());
    Optional<TransferReport> last = blobs.transfer(digest);
    told.put("state", last.map(TransferReport::state).orElse("none"));
    if (last.isPresent()) {
      TransferReport report = last.get();
      told.put("startedAt", report.startedAt());
      told.put("millis", report.millis());
      told.put("fromSource", report.fromSource());
      told.put("fromSeeders", report.fromSeeders());
      told.put("fromPeers", report.fromPeers());
      if (report.reason() != null) {
        told.put("reason", report.reason());
      }
    }
    exchange.respond(
        HttpResponseStatus.OK,
        MirrorErrors.headers().set(HttpHeaderNames.CONTENT_TYPE, MediaTypes.JSON),
        Unpooled.wrappedBuffer(BoundedJson.write(told)));
  }

  private void stream(
      HttpExchange exchange,
      BlobAtSource source,
      ByteRange part,
      HttpResponseStatus status,
      HttpHeaders headers,
      long asked)
      throws IOException, InterruptedException {
    try (OpenBlob blob =
        blobs.open(source, part.isLazy() ? Priority.ON_DEMAND : Priority.FOREGROUND)) {
      blob.ready(part.offset(), part.length());
      metrics.blobStarted(blob.origin(), System.nanoTime() - asked);
      BlobResponse response = BlobResponse.start(exchange, status, headers, part.length());
      try {
        blob.send(response.body(), part.offset(), part.length());
        response.end();
      } catch (ClientGoneException | InterruptedException e) {
        response.abandon();
        metrics.clientLeft();
      } catch (IOException e) {
        response.cut(source.digest(), e);
        metrics.cutOff();
      }
    }
  }
}
