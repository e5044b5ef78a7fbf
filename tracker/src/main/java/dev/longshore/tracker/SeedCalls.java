package dev.longshore.tracker;

import dev.longshore.swarm.tracker.Rendezvous;
import dev.longshore.swarm.tracker.TrackerMessage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks one seeder for each blob that is wanted and that no seeder has. */
final class SeedCalls {
  /** Calls made at a time, so that a seeder that just came is not flooded. */
  private static final int AT_A_TIME = 500;

  private final long retryAfter;
  private final Map<Long, Member> seeders = new LinkedHashMap<>();
  private final Set<Swarm> unseeded = new LinkedHashSet<>();
  private final LinkedHashSet<Swarm> assigned = new LinkedHashSet<>(); // oldest call first

  SeedCalls(TrackerPolicy policy) {
    this.retryAfter = policy.wantedRetry().toNanos();
  }

  void joined(Member seeder) {
    seeders.put(seeder.session, seeder);
  }

  void left(Member seeder) {
    seeders.remove(seeder.session);
    for (Swarm swarm : List.copyOf(seeder.assigned)) {
      unassign(swarm);
      if (swarm.seeders == 0 && !swarm.isEmpty()) {
        unseeded.add(swarm);
      }
    }
  }

  /** Notes a change of who is in a swarm. */
  void changed(Swarm swarm) {
    boolean wanted =
        swarm.seeders == 0 && swarm.partial.size() > 0; // with no seeder, partial is incomplete
    if (!wanted) {
      unseeded.remove(swarm);
      unassign(swarm);
    } else if (swarm.assigned == null) {
      unseeded.add(swarm);
    }
  }

  /** Makes the calls that are due. */
  void call(long now, Consumer<TrackerAction> out) {
    if (seeders.isEmpty()) {
      return;
    }
    while (!assigned.isEmpty() && now - assigned.getFirst().assignedAt >= retryAfter) {
      Swarm oldest = assigned.getFirst();
      unassign(oldest);
      unseeded.add(oldest);
    }
    int left = AT_A_TIME;
    List<Swarm> called = new ArrayList<>();
    for (Swarm swarm : unseeded) {
      if (left-- == 0) {
        break;
      }
      called.add(swarm);
    }
    for (Swarm swarm : called) {
      unseeded.remove(swarm);
      assign(swarm, choose(swarm), now, out);
    }
  }

  /**
   * The map of this swarm's blob is asked for and lost: a seeder that has the blob publishes it.
   */
  void callForMap(Swarm swarm, Consumer<TrackerAction> out) {
    for (Membership holder : swarm.preferred.all()) {
      if (holder.member.isSeeder() && holder.isComplete()) {
        out.accept(wanted(swarm, holder.member));
        return;
      }
    }
  }

  boolean isIdle() {
    return unseeded.isEmpty() && assigned.isEmpty();
  }

  private void assign(Swarm swarm, Member seeder, long now, Consumer<TrackerAction> out) {
    swarm.assigned = seeder;
    swarm.assignedAt = now;
    swarm.assignments++;
    seeder.assigned.add(swarm);
    assigned.add(swarm);
    out.accept(wanted(swarm, seeder));
  }

  /** Forgets which seeder was called; the next {@link #changed} has one called again. */
  void unassign(Swarm swarm) {
    @Nullable Member seeder = swarm.assigned;
    if (seeder != null) {
      seeder.assigned.remove(swarm);
      assigned.remove(swarm);
      swarm.assigned = null;
    }
  }

  private static TrackerAction wanted(Swarm swarm, Member seeder) {
    return new TrackerAction.Send(
        seeder.session, new TrackerMessage.Wanted(swarm.blob, swarm.size, swarm.source));
  }

  /** The first by rendezvous, or after it did not come the second, and so on around. */
  private Member choose(Swarm swarm) {
    Comparator<Member> byWeight =
        (a, b) -> Long.compareUnsigned(weight(swarm, b), weight(swarm, a));
    List<Member> ranked =
        seeders.values().stream().sorted(byWeight.thenComparing(m -> m.address().id())).toList();
    return ranked.get(swarm.assignments % ranked.size());
  }

  private static long weight(Swarm swarm, Member seeder) {
    return Rendezvous.weight(swarm.blob, seeder.address().id().toString());
  }
}
