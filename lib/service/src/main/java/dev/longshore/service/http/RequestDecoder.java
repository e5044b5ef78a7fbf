package dev.longshore.service.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;

/** Netty's decoder with our bounds; asks its connection whether bytes still count. */
final class RequestDecoder extends HttpRequestDecoder {

  /** One socket read makes one piece of content, so that large bodies are not cut into crumbs. */
  static final int MAX_READ_BYTES = 256 << 10;

  private final Connection connection;

  RequestDecoder(int maxHeaderBytes, Connection connection) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(maxHeaderBytes)
            .setMaxHeaderSize(maxHeaderBytes)
            .setMaxChunkSize(MAX_READ_BYTES));
    this.connection = connection;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) throws Exception {
    if (connection.takes(((ByteBuf) bytes).readableBytes())) {
      super.channelRead(context, bytes);
    } else {
      ReferenceCountUtil.release(bytes);
    }
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    // RFC 9112 section 6.3: two framings in one message are how requests are smuggled.
    throw new IllegalArgumentException("both Content-Length and Transfer-Encoding were sent");
  }
}
