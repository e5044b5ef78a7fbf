package dev.longshore.tracker;

import dev.longshore.oci.Digest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** The piece maps that were published, and who waits for one. */
final class MapShelf {

  /** Somebody who waits for a map. */
  record Find(long session, long request, Digest blob, long deadline, long order) {}

  private static final class Shelved {
    private final byte[] signed;
    private final long publisher;

    Shelved(byte[] signed, long publisher) {
      this.signed = signed;
      this.publisher = publisher;
    }
  }

  private final long maxBytes;
  private final LinkedHashMap<Digest, Shelved> maps = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Digest, List<Find>> finds = new HashMap<>();
  private final TreeSet<Find> byDeadline =
      new TreeSet<>(Comparator.comparingLong(Find::deadline).thenComparingLong(Find::order));
  private long bytes;
  private long lastOrder;

  MapShelf(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** The map, used just now. */
  byte @Nullable [] get(Digest blob) {
    Shelved shelved = maps.get(blob);
    return shelved == null ? null : shelved.signed;
  }

  /**
   * Takes a map, unless there is one whose publisher is still connected: without the cluster's key
   * nobody can say here which of the two is right.
   */
  void put(Digest blob, byte[] signed, long publisher, LongPredicate connected) {
    Shelved before = maps.get(blob);
    if (signed.length > maxBytes
        || (before != null && before.publisher != publisher && connected.test(before.publisher))) {
      return;
    }
    maps.put(blob, new Shelved(signed, publisher));
    bytes += signed.length - (before == null ? 0 : before.signed.length);
    var oldest = maps.values().iterator();
    while (bytes > maxBytes) {
      bytes -= oldest.next().signed.length;
      oldest.remove();
    }
  }

  Find await(long session, long request, Digest blob, long deadline) {
    Find find = new Find(session, request, blob, deadline, ++lastOrder);
    finds.computeIfAbsent(blob, d -> new ArrayList<>()).add(find);
    byDeadline.add(find);
    return find;
  }

  boolean isAwaited(Digest blob) {
    return finds.containsKey(blob);
  }

  /** Everybody who waits for this map; they do not any more. */
  List<Find> takeFinds(Digest blob) {
    List<Find> waiting = finds.remove(blob);
    if (waiting == null) {
      return List.of();
    }
    waiting.forEach(byDeadline::remove);
    return waiting;
  }

  /** Those whose time is over. */
  List<Find> takeDue(long now) {
    List<Find> due = new ArrayList<>();
    while (!byDeadline.isEmpty() && now - byDeadline.first().deadline() >= 0) {
      due.add(byDeadline.removeFirst());
    }
    due.forEach(this::unlist);
    return due;
  }

  void cancel(Find find) {
    byDeadline.remove(find);
    unlist(find);
  }

  private void unlist(Find find) {
    List<Find> same = finds.get(find.blob());
    if (same != null) {
      same.remove(find);
      if (same.isEmpty()) {
        finds.remove(find.blob());
      }
    }
  }

  int count() {
    return maps.size();
  }

  long bytes() {
    return bytes;
  }

  int waiting() {
    return byDeadline.size();
  }
}
