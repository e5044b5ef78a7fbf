package dev.longshore.lazy.layers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.layer.index.LayerIndex;
import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** A source of one blob, which notes what it is asked. */
final class FakeSource implements LayerSource {
  private final byte[] blob;
  private final Optional<LayerIndex> index;
  final List<Long> offsets = Collections.synchronizedList(new ArrayList<>());
  final List<Long> lengths = Collections.synchronizedList(new ArrayList<>());
  volatile boolean failing;
  volatile int failures;

  FakeSource(byte[] blob, Optional<LayerIndex> index) {
    this.blob = blob.clone();
    this.index = index;
  }

  long bytes() {
    synchronized (lengths) {
      return lengths.stream().mapToLong(Long::longValue).sum();
    }
  }

  @Override
  public Optional<byte[]> index(Digest wanted) {
    return index.map(LayerIndex::encode);
  }

  @Override
  public long size(Digest wanted) {
    return blob.length;
  }

  @Override
  public void readAll(Digest wanted, Receiver receiver) throws IOException {
    read(wanted, 0, blob.length, receiver);
  }

  @Override
  public void read(Digest wanted, long offset, long length, Receiver receiver) throws IOException {
    assertThat(wanted).isEqualTo(Digest.sha256(blob));
    if (failing) {
      failures = 1;
      throw new IOException("the source is away");
    }
    offsets.add(offset);
    lengths.add(length);
    receiver.accept(ByteBuffer.wrap(blob, (int) offset, (int) length).slice());
  }
}
