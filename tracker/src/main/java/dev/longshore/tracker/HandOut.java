package dev.longshore.tracker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/** Chooses whom a member is told of. */
final class HandOut {

  /*
   * Half of the list at most goes to seeders and complete holders, who come first in it; the rest
   * to members that are downloading too, because pieces must move between them or the holders
   * would have to serve everybody. A shortfall of one kind is filled from the other. Within a kind
   * the near come first, but a share of the places is kept for the far, so that pieces cross
   * between zones. Candidates are drawn at random: choosing costs the same in a swarm of ten
   * thousand as in one of two hundred.
   */

  private static final int CANDIDATES = 200;

  private final double farShare;
  private final RandomGenerator random;

  HandOut(double farShare, RandomGenerator random) {
    this.farShare = farShare;
    this.random = random;
  }

  /** Up to {@code count} members of the swarm other than this one. */
  List<Membership> peersFor(Membership to, int count) {
    List<Membership> preferred =
        to.isComplete() ? List.of() : candidates(to.swarm.preferred, to); // nothing to fetch there
    List<Membership> partial = candidates(to.swarm.partial, to);
    int fromPreferred = Math.min(preferred.size(), Math.max(count / 2, count - partial.size()));
    List<Membership> chosen = new ArrayList<>(choose(preferred, to, fromPreferred));
    chosen.addAll(choose(partial, to, count - chosen.size()));
    return chosen;
  }

  private List<Membership> candidates(Roster roster, Membership to) {
    List<Membership> drawn = new ArrayList<>(roster.draw(CANDIDATES, random));
    drawn.remove(to);
    return drawn;
  }

  private List<Membership> choose(List<Membership> candidates, Membership to, int count) {
    if (candidates.size() <= count) {
      return candidates;
    }
    Zone here = to.member.zone();
    List<Membership> nearFirst = new ArrayList<>(candidates);
    nearFirst.sort(
        Comparator.comparingInt((Membership m) -> here.nearness(m.member.zone())).reversed());
    List<Membership> far = candidates.stream().filter(m -> here.isFar(m.member.zone())).toList();
    int farPlaces = Math.min(far.size(), (int) Math.ceil(count * farShare));
    List<Membership> chosen = new ArrayList<>(nearFirst.subList(0, count - farPlaces));
    far.stream().filter(m -> !chosen.contains(m)).limit(farPlaces).forEach(chosen::add);
    // All far ones may be chosen already, when there are few near ones.
    nearFirst.stream()
        .filter(m -> !chosen.contains(m))
        .limit(count - chosen.size())
        .forEach(chosen::add);
    return chosen;
  }
}
