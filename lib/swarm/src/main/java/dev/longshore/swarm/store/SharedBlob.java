package dev.longshore.swarm.store;

import dev.longshore.piece.PieceMap;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A blob of another process's store, pinned there. */
final class SharedBlob implements ReadableBlob {
  private static final Logger log = LoggerFactory.getLogger(SharedBlob.class);

  private final SharedFileStore store;
  private final SharedIndex index;
  private final PieceMap map;
  private final long incarnation;
  private final ReopeningChannel reading;
  private final AtomicBoolean closed = new AtomicBoolean();

  SharedBlob(
      SharedFileStore store, SharedIndex index, MapFile.Stored stored, ReopeningChannel reading) {
    this.store = store;
    this.index = index;
    this.map = stored.map();
    this.incarnation = stored.incarnation();
    this.reading = reading;
  }

  @Override
  public PieceMap map() {
    return map;
  }

  @Override
  public boolean has(int piece) {
    if (piece < 0 || piece >= map.layout().count()) {
      throw new IllegalArgumentException("no piece " + piece + " in " + map);
    }
    int inGroup = piece % PieceIndex.GROUP_PIECES;
    long[] words = index.readable(map.digest(), piece / PieceIndex.GROUP_PIECES, incarnation);
    return (words[inGroup >>> 6] & 1L << inGroup) != 0;
  }

  @Override
  public BitSet held() {
    int groups = Math.ceilDiv(map.layout().count(), PieceIndex.GROUP_PIECES);
    long[] all = new long[groups * PieceIndex.GROUP_WORDS];
    for (int group = 0; group < groups; group++) {
      System.arraycopy(
          index.readable(map.digest(), group, incarnation),
          0,
          all,
          group * PieceIndex.GROUP_WORDS,
          PieceIndex.GROUP_WORDS);
    }
    BitSet held = BitSet.valueOf(all);
    held.clear(map.layout().count(), Math.max(held.length(), map.layout().count()));
    return held;
  }

  @Override
  public boolean complete() {
    return held().cardinality() == map.layout().count();
  }

  @Override
  public FileChannel file() throws IOException {
    return reading.toRead(map.digest());
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      reading.close();
    } catch (IOException e) {
      log.warn("Closing the file of {} failed", map.digest(), e);
    } finally {
      store.closed(this);
    }
  }
}
