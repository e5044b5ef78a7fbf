package net.openhft.chronicle.hash;

import net.openhft.chronicle.bytes.Byteable;
import net.openhft.chronicle.bytes.BytesStore;
import org.jspecify.annotations.Nullable;

/** Chronicle Map's view of the header of a map file, so that it need not compile one. */
/*
 * Opening a Chronicle Map generates Java source for exactly this class and runs javac on it, in
 * every process, which is more than half of the time an open takes. Chronicle Values looks for a
 * class of this name before it generates one (ValueModel.createClass), and finds this one. The
 * interface's @Group and @Range annotations determine the layout:
 *
 *   0   3  allocated extra tier bulks
 *   3   5  index of the first free tier
 *   8   5  extra tiers in use
 *   13  4  offset of the segment headers
 *   17  8  size of the data store
 *
 * A test compares it with what Chronicle would generate.
 */
@SuppressWarnings("checkstyle:TypeName")
public final class VanillaGlobalMutableState$$Native
    implements VanillaGlobalMutableState, Byteable {
  private static final int BYTES = 25;
  private static final long BITS_24 = (1L << 24) - 1;
  private static final long BITS_32 = (1L << 32) - 1;
  private static final long BITS_40 = (1L << 40) - 1;

  private @Nullable BytesStore<?, ?> store;
  private long offset;

  @Override
  public int getAllocatedExtraTierBulks() {
    return (int) (store().readInt(offset) & BITS_24);
  }

  @Override
  public void setAllocatedExtraTierBulks(int bulks) {
    check("extra tier bulks", bulks, BITS_24);
    int kept = (int) (store().readInt(offset) & ~BITS_24);
    store().writeInt(offset, kept | bulks);
  }

  @Override
  public long getFirstFreeTierIndex() {
    return get40(3);
  }

  @Override
  public void setFirstFreeTierIndex(long index) {
    set40("first free tier", 3, index);
  }

  @Override
  public long getExtraTiersInUse() {
    return get40(8);
  }

  @Override
  public void setExtraTiersInUse(long tiers) {
    set40("extra tiers in use", 8, tiers);
  }

  @Override
  public long getSegmentHeadersOffset() {
    return store().readInt(offset + 13) & BITS_32;
  }

  @Override
  public void setSegmentHeadersOffset(long headers) {
    check("segment headers offset", headers, BITS_32);
    store().writeInt(offset + 13, (int) headers);
  }

  @Override
  public long getDataStoreSize() {
    return store().readLong(offset + 17);
  }

  @Override
  public void setDataStoreSize(long size) {
    check("data store size", size, Long.MAX_VALUE);
    store().writeLong(offset + 17, size);
  }

  @Override
  public long addDataStoreSize(long addition) {
    long size = getDataStoreSize() + addition;
    setDataStoreSize(size);
    return size;
  }

  private long get40(int at) {
    return store().readLong(offset + at) & BITS_40;
  }

  private void set40(String field, int at, long value) {
    check(field, value, BITS_40);
    long kept = store().readLong(offset + at) & ~BITS_40;
    store().writeLong(offset + at, kept | value);
  }

  private static void check(String field, long value, long max) {
    if (value < 0 || value > max) {
      throw new IllegalArgumentException(field + " must be 0 to " + max + ", found " + value);
    }
  }

  private BytesStore<?, ?> store() {
    if (store == null) {
      throw new IllegalStateException("not placed in a map file yet");
    }
    return store;
  }

  @Override
  @SuppressWarnings("rawtypes") // as the interface has it
  public void bytesStore(BytesStore bytesStore, long at, long length) {
    if (length != BYTES || at + length > bytesStore.capacity()) {
      throw new IllegalArgumentException(
          "expected " + BYTES + " bytes, found " + length + " at " + at + " of " + bytesStore);
    }
    store = bytesStore;
    offset = at;
  }

  @Override
  public @Nullable BytesStore<?, ?> bytesStore() {
    return store;
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public long maxSize() {
    return BYTES;
  }
}
