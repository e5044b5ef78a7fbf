package dev.longshore.cli.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Pulls as the kubelet does: by CRI (cri-api, runtime/v1/api.proto). */
final class CriImages {
  private CriImages() {}

  static void pull(Path containerd, String image, Duration limit) {
    EventLoopGroup eventLoops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(containerd))
            .channelType(NioDomainSocketChannel.class)
            .eventLoopGroup(eventLoops)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    try {
      var method =
          MethodDescriptor.<byte[], byte[]>newBuilder()
              .setType(MethodDescriptor.MethodType.UNARY)
              .setFullMethodName("runtime.v1.ImageService/PullImage")
              .setRequestMarshaller(new Bytes())
              .setResponseMarshaller(new Bytes())
              .build();
      var options = CallOptions.DEFAULT.withDeadlineAfter(limit.toSeconds(), TimeUnit.SECONDS);
      // PullImageRequest{image: 1 = ImageSpec{image: 1 = the reference}}
      byte[] request = field(field(image.getBytes(UTF_8)));
      byte[] _ = ClientCalls.blockingUnaryCall(channel, method, options, request);
    } finally {
      channel.shutdownNow();
      var _ = eventLoops.shutdownGracefully();
    }
  }

  /** Field 1, of a short message or string. */
  private static byte[] field(byte[] value) {
    if (value.length > 127) {
      throw new IllegalArgumentException("too long for a length of one byte: " + value.length);
    }
    var out = new ByteArrayOutputStream();
    out.write(1 << 3 | 2);
    out.write(value.length);
    out.writeBytes(value);
    return out.toByteArray();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
