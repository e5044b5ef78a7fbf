package dev.longshore.swarm.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many requests may wait at a member for its uplink, and which of the peers that it refused it
 * calls when there is room again. Not thread-safe.
 */
public final class UploadRoom<B, T> {
  /*
   * A request binds a piece to a peer: nobody else is asked for it meanwhile. If any number of
   * requests could wait, all would wait at the few members that have what is new, and when others
   * have it too nobody asks them. So no more wait than the uplink sends in a short time; who is
   * refused looks elsewhere, and asks again for what it wants then, as soon as it is called. (Late
   * binding; BitTorrent's choking has the same effect on the scale of ten seconds.) In a simulated
   * swarm of 2,600 nodes it took the uplinks in use half a second after the start from 70 % to all.
   *
   * A blob of which nearly nothing waits always has room for a request or two: it must not be shut
   * out by another one that many want.
   */

  /** So many requests may wait, however long the uplink takes for them. */
  private static final int FEWEST = 8;

  /** So many requests of one blob may wait, whatever waits of others. */
  private static final int FEWEST_OF_A_BLOB = 2;

  /** So many are called at most when one leaves: not everybody still wants what he wanted. */
  private static final int CALLS = 2;

  private final long mostBytes;
  private final BlobsInTurn<B, T> refused = new BlobsInTurn<>();
  private final Map<B, Integer> waiting = new HashMap<>();
  private long bytes;
  private int requests;

  /**
   * An empty queue.
   *
   * @param mostBytes what may wait together
   */
  public UploadRoom(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** A request for so many bytes comes; false if there is no room for it. */
  public boolean enter(B blob, int length) {
    int ofBlob = waiting.getOrDefault(blob, 0);
    if (ofBlob >= FEWEST_OF_A_BLOB && !hasRoom(0, 0)) {
      return false;
    }
    waiting.put(blob, ofBlob + 1);
    bytes += length;
    requests++;
    return true;
  }

  /**
   * Someone was told that there is no room, and wants to know when there is.
   *
   * @param share how much of the blob it has, in any unit that is the same for all
   */
  public void refuse(B blob, T who, int share) {
    refused.add(blob, who, BlobsInTurn.ONE_TURN, share);
  }

  /** Forgets one that was refused; false if it was not, or has been called. */
  public boolean forget(T who) {
    return refused.removeIf(who::equals);
  }

  /** A request leaves: it is served now, or was taken back. Returns who is to be called. */
  public List<T> leave(B blob, int length) {
    var _ = waiting.computeIfPresent(blob, (_, count) -> count == 1 ? null : count - 1);
    bytes -= length;
    requests--;
    List<T> called = new ArrayList<>(CALLS);
    int most = requests == 0 ? FEWEST : CALLS;
    while (called.size() < most && hasRoom(called.size(), length)) {
      T next = refused.next();
      if (next == null) {
        break;
      }
      called.add(next);
    }
    return called;
  }

  /** Whether there is room after so many more of this length. */
  private boolean hasRoom(int more, int length) {
    return requests + more < FEWEST || bytes + (long) more * length < mostBytes;
  }
}
