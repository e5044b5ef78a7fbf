package dev.longshore.swarm.engine;

import java.util.Arrays;

/** The pieces that one peer owes, oldest first; a few tens at most, so that a scan is cheap. */
final class OpenRequests {
  private int[] pieces = new int[4];

  /** For each piece when the request was sent, and what the peer had delivered by then. */
  private long[] sent = new long[8];

  private int size;

  int size() {
    return size;
  }

  /** The piece at a place from 0, the oldest request, to below {@link #size}. */
  int piece(int place) {
    return pieces[place];
  }

  /** When the request at a place was sent. */
  long sent(int place) {
    return sent[2 * place];
  }

  /** What the peer had delivered when the request at a place was sent. */
  long before(int place) {
    return sent[2 * place + 1];
  }

  /** The place of a piece, or -1 if it is not owed. */
  int place(int piece) {
    for (int place = 0; place < size; place++) {
      if (pieces[place] == piece) {
        return place;
      }
    }
    return -1;
  }

  boolean contains(int piece) {
    return place(piece) >= 0;
  }

  /**
   * Puts a piece last.
   *
   * @param delivered what the peer has delivered so far, in bytes
   */
  void add(int piece, long now, long delivered) {
    if (size == pieces.length) {
      pieces = Arrays.copyOf(pieces, 2 * size);
      sent = Arrays.copyOf(sent, 4 * size);
    }
    pieces[size] = piece;
    sent[2 * size] = now;
    sent[2 * size + 1] = delivered;
    size++;
  }

  /** Takes a piece off; false if it was not owed. */
  boolean remove(int piece) {
    int place = place(piece);
    if (place < 0) {
      return false;
    }
    size--;
    System.arraycopy(pieces, place + 1, pieces, place, size - place);
    System.arraycopy(sent, 2 * place + 2, sent, 2 * place, 2 * (size - place));
    return true;
  }

  /** The pieces, a copy. */
  int[] pieces() {
    return Arrays.copyOf(pieces, size);
  }
}
