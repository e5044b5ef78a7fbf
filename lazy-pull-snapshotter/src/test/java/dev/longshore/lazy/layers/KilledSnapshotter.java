package dev.longshore.lazy.layers;

import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.keeper.KeeperProcess;
import dev.longshore.oci.Digest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The process that {@link LazyLayersSuite} kills: it serves a layer until then, slowly.
 *
 * <p>Arguments: root, folder of the {@link TestLayer}, kind of devices, whether to begin anew,
 * seed. Prints {@code ready} once the layer is mounted.
 */
final class KilledSnapshotter {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private KilledSnapshotter() {}

  public static void main(String[] args) throws Exception {
    Path root = Path.of(args[0]);
    TestLayer layer = TestLayer.load(Path.of(args[1]));
    boolean anew = Boolean.parseBoolean(args[3]);
    Slow source = new Slow(layer, new Random(Long.parseLong(args[4])));
    try (NodeLayers layers =
        new NodeLayers(
            root,
            root.resolve("snapshots"),
            KeeperProcess.connect(root),
            new LayerPolicy(DeviceKind.valueOf(args[2]), 0, false, PATIENCE),
            _ -> source,
            new LayerMetrics(new SimpleMeterRegistry()))) {
      layers.keepOnly(anew ? Set.of() : Set.of(layer.digest()));
      layers.mount(layer.wanted());
      System.out.println("ready");
      Thread.currentThread().join();
    }
  }

  private static final class Slow implements LayerSource {
    private static final int LONGEST_MILLIS = 60;

    private final TestLayer layer;
    private final Random random;

    Slow(TestLayer layer, Random random) {
      this.layer = layer;
      this.random = random;
    }

    @Override
    public Optional<byte[]> index(Digest wanted) {
      return Optional.of(layer.index().encode());
    }

    @Override
    public long size(Digest wanted) {
      return layer.blob().length;
    }

    @Override
    public void readAll(Digest wanted, Receiver receiver) throws IOException {
      throw new IOException("nobody asks for all");
    }

    /** Hands over half, waits, hands over the rest. */
    @Override
    public void read(Digest wanted, long offset, long length, Receiver receiver)
        throws IOException {
      int half = (int) length / 2;
      receiver.accept(ByteBuffer.wrap(layer.blob(), (int) offset, half).slice());
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(LONGEST_MILLIS)));
      receiver.accept(
          ByteBuffer.wrap(layer.blob(), (int) offset + half, (int) length - half).slice());
    }
  }
}
