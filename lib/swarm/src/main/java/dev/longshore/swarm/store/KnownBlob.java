package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import dev.longshore.piece.LonePieceMap;
import dev.longshore.piece.PieceLayout;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows of one blob: which pieces are here, which of them are durable, and who
 * has it open.
 *
 * <p>{@code held} is read and set without a lock. The object's monitor guards the rest, and orders
 * what is put into the index for this blob.
 */
final class KnownBlob {
  /*
   * A piece is in one of four states, and only moves along the arrows while the process runs:
   *
   *            write            sync (data forced, then noted)
   *   absent ---------> held ---------------------------------> durable
   *      ^                ^
   *      |  hash wrong    |  hash right
   *      +-- suspect -----+
   *
   * The index has two bits a piece, for the four states. At start, durable pieces are held, and
   * those that were held or suspect are suspects, until a hash decides. It makes no difference
   * whether the last stop was clean: a clean stop syncs, and leaves no suspects.
   */
  private final Digest digest;
  private final PieceLayout layout;
  private final long incarnation;
  private final PieceIndex index;
  private final StoreTally tally;
  private final AtomicLongArray held;
  private final AtomicInteger heldCount = new AtomicInteger();
  private final AtomicLong lastUse;

  /** Guarded by this. */
  private final long[] durable;

  /** Guarded by this. */
  private final long[] suspect;

  /** Guarded by this. */
  private int claims;

  /** Guarded by this: no claim is given any more, and the last one to go deletes the files. */
  private boolean doomed;

  /** Guarded by this. */
  private MapFile.@Nullable Content content;

  /**
   * Guarded by this: the map file says no more than digest and size do. That bit is all that is
   * remembered of an idle blob's map, however many blobs there are, and saves reading the file.
   */
  private boolean lone;

  /** Guarded by this: the folder entry was forced. */
  private boolean folderForced;

  KnownBlob(
      Digest digest,
      PieceLayout layout,
      long incarnation,
      long lastUse,
      PieceIndex index,
      StoreTally tally) {
    this.digest = digest;
    this.layout = layout;
    this.incarnation = incarnation;
    this.index = index;
    this.tally = tally;
    this.lastUse = new AtomicLong(lastUse);
    int words = groups() * PieceIndex.GROUP_WORDS;
    this.held = new AtomicLongArray(words);
    this.durable = new long[words];
    this.suspect = new long[words];
  }

  Digest digest() {
    return digest;
  }

  PieceLayout layout() {
    return layout;
  }

  long incarnation() {
    return incarnation;
  }

  long lastUse() {
    return lastUse.get();
  }

  int groups() {
    return Math.ceilDiv(layout.count(), PieceIndex.GROUP_PIECES);
  }

  boolean has(int piece) {
    return (held.get(piece >>> 6) & 1L << piece) != 0;
  }

  int heldCount() {
    return heldCount.get();
  }

  boolean complete() {
    return heldCount.get() == layout.count();
  }

  BitSet held() {
    long[] words = new long[held.length()];
    for (int i = 0; i < words.length; i++) {
      words[i] = held.get(i);
    }
    return BitSet.valueOf(words);
  }

  /** Bytes of the pieces held. */
  long heldBytes() {
    int count = heldCount.get();
    int last = layout.count() - 1;
    long bytes = (long) count * layout.pieceSize();
    return last >= 0 && count > 0 && has(last)
        ? bytes - layout.pieceSize() + layout.length(last)
        : bytes;
  }

  /** Takes up what the index noted about a group in an earlier run. */
  synchronized void restore(int group, PieceIndex.GroupNote note) {
    for (int i = 0; i < PieceIndex.GROUP_WORDS; i++) {
      int word = group * PieceIndex.GROUP_WORDS + i;
      long mask = validBits(word);
      durable[word] = note.held()[i] & note.kept()[i] & mask;
      suspect[word] = (note.held()[i] ^ note.kept()[i]) & mask;
      tally.heldInIdle(addHeld(word, durable[word]));
    }
  }

  /** Makes every piece of a group a suspect, since the index knows nothing about it. */
  synchronized void suspectAll(int group) throws PieceIndex.IndexFullException {
    for (int i = 0; i < PieceIndex.GROUP_WORDS; i++) {
      int word = group * PieceIndex.GROUP_WORDS + i;
      suspect[word] = validBits(word);
    }
    putGroup(group);
  }

  /** Puts the blob and its groups, empty, into the index. */
  synchronized void register() throws PieceIndex.IndexFullException {
    putBlob();
    for (int group = 0; group < groups(); group++) {
      putGroup(group);
    }
  }

  /** Puts the blob as a whole into the index. */
  synchronized void noteUse() throws PieceIndex.IndexFullException {
    putBlob();
  }

  synchronized BitSet suspects() {
    return BitSet.valueOf(suspect);
  }

  /** Marks a piece whose bytes were written to the file, by somebody who has the blob open. */
  void markWritten(int piece) {
    tally.heldInOpen(addHeld(piece >>> 6, 1L << piece));
    noteGroup(piece / PieceIndex.GROUP_PIECES);
  }

  /** Settles a suspect: a right hash makes it held, a wrong one absent. */
  synchronized void settle(int piece, boolean right) {
    if (doomed) {
      return;
    }
    suspect[piece >>> 6] &= ~(1L << piece);
    if (right) {
      tallyHeld(addHeld(piece >>> 6, 1L << piece));
    }
    noteGroup(piece / PieceIndex.GROUP_PIECES);
  }

  /** Returns how many bytes more are held now. */
  private long addHeld(int word, long bits) {
    long before = held.getAndAccumulate(word, bits, (old, more) -> old | more);
    heldCount.addAndGet(Long.bitCount(bits & ~before));
    return bytesOf(word, bits & ~before);
  }

  /** The caller holds the monitor: the blob stays open, or idle, as it is. */
  private synchronized void tallyHeld(long bytes) {
    if (claims > 0) {
      tally.heldInOpen(bytes);
    } else {
      tally.heldInIdle(bytes);
    }
  }

  private long bytesOf(int word, long bits) {
    int last = layout.count() - 1;
    boolean hasLast = word == last >>> 6 && (bits & 1L << last) != 0;
    long bytes = (long) Long.bitCount(bits) * layout.pieceSize();
    return hasLast ? bytes - layout.pieceSize() + layout.length(last) : bytes;
  }

  /** Held pieces that no sync has covered yet; empty when all are durable. */
  synchronized long[] notDurable() {
    long[] words = new long[durable.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = held.get(i) & ~durable[i];
    }
    return words;
  }

  /** Notes that these pieces reached the disk. */
  synchronized void markDurable(long[] pieces) {
    folderForced = true;
    for (int group = 0; group < groups(); group++) {
      boolean changed = false;
      for (int i = 0; i < PieceIndex.GROUP_WORDS; i++) {
        int word = group * PieceIndex.GROUP_WORDS + i;
        changed |= (pieces[word] & ~durable[word]) != 0;
        durable[word] |= pieces[word];
      }
      if (changed) {
        noteGroup(group);
      }
    }
  }

  /** Gives up pieces that the disk refused to keep. */
  synchronized void giveUp(long[] pieces) {
    if (doomed && claims == 0) {
      return; // deleted meanwhile; its bytes were taken off the books, or will be
    }
    for (int word = 0; word < pieces.length; word++) {
      long lost = pieces[word] & ~durable[word];
      long before = held.getAndAccumulate(word, lost, (old, less) -> old & ~less);
      heldCount.addAndGet(-Long.bitCount(before & lost));
      tallyHeld(-bytesOf(word, before & lost));
    }
    for (int group = 0; group < groups(); group++) {
      noteGroup(group);
    }
  }

  synchronized boolean needsFolderForced() {
    return !folderForced;
  }

  /**
   * Counts a claim.
   *
   * @return whether it was given: not when the blob is being deleted
   */
  synchronized boolean claim(long now) {
    if (doomed) {
      return false;
    }
    claims++;
    if (claims == 1) {
      tally.opened(lackingBytes());
      touch(now);
    } else {
      lastUse.set(now); // noted when the last one is given back
    }
    return true;
  }

  /**
   * Counts a second claim in the name of one that is still there.
   *
   * @return whether there was one
   */
  synchronized boolean reclaim() {
    if (claims == 0) {
      return false;
    }
    claims++;
    return true;
  }

  /**
   * Gives a claim back.
   *
   * @return whether the caller is to delete the files now
   */
  synchronized boolean release(long now) {
    claims--;
    if (claims == 0) {
      tally.closed(lackingBytes());
      touch(now);
      lone = content != null && content.isLone();
      content = null;
    }
    return doomed && claims == 0;
  }

  /**
   * Takes note of a use by another process.
   *
   * @return whether that was later than any known so far
   */
  synchronized boolean usedAt(long time) {
    if (doomed || time <= lastUse.get()) {
      return false;
    }
    touch(time);
    return true;
  }

  /** The blob's map, remembered as long as somebody has the blob open, or as long as it is easy. */
  synchronized MapFile.@Nullable Content content() {
    if (content == null && lone) {
      return MapFile.Content.of(LonePieceMap.of(digest, layout.size()).orElseThrow());
    }
    return content;
  }

  synchronized void remember(MapFile.Content read) {
    content = read;
  }

  /**
   * Lets nobody claim the blob any more.
   *
   * @return whether the caller is to delete the files now; otherwise the last claim does
   */
  synchronized boolean doom() {
    boolean first = !doomed;
    doomed = true;
    return first && claims == 0;
  }

  /** As {@link #doom}, unless somebody has it open. */
  synchronized boolean doomIfIdle() {
    return claims == 0 && doom();
  }

  synchronized boolean isOpen() {
    return claims > 0;
  }

  synchronized boolean isDoomed() {
    return doomed;
  }

  /**
   * What is missing of the blob. Nobody writes it while the first claim is given or the last one
   * comes back, so these two count the same, but for what came or went in between.
   */
  private long lackingBytes() {
    return layout.size() - heldBytes();
  }

  /**
   * Takes the blob's bytes off the books, after its files were deleted. Nobody has it open: a claim
   * keeps it from being deleted, and when it is deleted already none is given.
   */
  synchronized void forget() {
    tally.heldInIdle(-heldBytes());
    index.remove(digest, groups());
  }

  private void touch(long now) {
    lastUse.set(now);
    try {
      putBlob();
    } catch (PieceIndex.IndexFullException e) {
      throw new IllegalStateException("an entry that is there already needs no room", e);
    }
  }

  private void putBlob() throws PieceIndex.IndexFullException {
    index.put(
        digest,
        new PieceIndex.BlobNote(incarnation, layout.size(), layout.pieceSize(), lastUse.get()));
  }

  /** Puts a group that has its place in the index since the blob was registered. */
  private synchronized void noteGroup(int group) {
    if (doomed && claims == 0) {
      return; // deleted meanwhile; the index has forgotten it
    }
    try {
      putGroup(group);
    } catch (PieceIndex.IndexFullException e) {
      throw new IllegalStateException("an entry that is there already needs no room", e);
    }
  }

  private void putGroup(int group) throws PieceIndex.IndexFullException {
    int from = group * PieceIndex.GROUP_WORDS;
    long[] heldWords = new long[PieceIndex.GROUP_WORDS];
    long[] keptWords = new long[PieceIndex.GROUP_WORDS];
    for (int i = 0; i < PieceIndex.GROUP_WORDS; i++) {
      heldWords[i] = held.get(from + i);
      keptWords[i] = durable[from + i] | (suspect[from + i] & ~heldWords[i]);
    }
    index.put(digest, group, new PieceIndex.GroupNote(incarnation, heldWords, keptWords));
  }

  private long validBits(int word) {
    int left = layout.count() - word * Long.SIZE;
    return left >= Long.SIZE ? -1L : left <= 0 ? 0 : (1L << left) - 1;
  }
}
