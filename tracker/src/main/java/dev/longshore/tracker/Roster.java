package dev.longshore.tracker;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Members of a swarm in no order: add, remove and draw in constant time. */
final class Roster {
  private final List<Membership> members = new ArrayList<>();

  int size() {
    return members.size();
  }

  void add(Membership membership) {
    membership.rosterIndex = members.size();
    members.add(membership);
  }

  void remove(Membership membership) {
    Membership last = members.removeLast();
    if (last != membership) {
      last.rosterIndex = membership.rosterIndex;
      members.set(last.rosterIndex, last);
    }
  }

  List<Membership> all() {
    return members;
  }

  /**
   * Up to {@code count} different members, at random; the first steps of a Fisher–Yates shuffle.
   */
  List<Membership> draw(int count, RandomGenerator random) {
    int drawn = Math.min(count, members.size());
    for (int i = 0; i < drawn; i++) {
      int j = i + random.nextInt(members.size() - i);
      Membership a = members.get(i);
      Membership b = members.get(j);
      members.set(i, b);
      members.set(j, a);
      b.rosterIndex = i;
      a.rosterIndex = j;
    }
    return List.copyOf(members.subList(0, drawn));
  }
}
