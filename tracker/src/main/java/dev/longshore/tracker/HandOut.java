package dev.longshore.tracker;

import dev.longshore.swarm.Zone;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Chooses whom a member is told of. */
final class HandOut {

  /*
   * Half of the list at most goes to seeders and complete holders, who come first in it; the rest
   * to members that are downloading too, because pieces must move between them or the holders
   * would have to serve everybody. A shortfall of one kind is filled from the other. Within a kind
   * those of the same zone come first, but a share of the places is kept for the far, so that pieces
   * cross between zones; and of the near, half of the places at most go to the same rack first, so
   * that they cross between racks. Candidates are drawn at random: choosing costs the same in a
   * swarm of ten thousand as in one of two hundred.
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

  /** Up to {@code count} members that still lack something, to be told of a new one. */
  List<Membership> membersToTell(Membership newcomer, int count) {
    return choose(candidates(newcomer.swarm.partial, newcomer), newcomer, count);
  }

  private List<Membership> candidates(Roster roster, Membership to) {
    List<Membership> drawn = new ArrayList<>(roster.draw(CANDIDATES, random));
    drawn.removeIf(each -> each == to || !to.member.trusts(each.member));
    return drawn;
  }

  private List<Membership> choose(List<Membership> candidates, Membership to, int count) {
    if (candidates.size() <= count) {
      return candidates;
    }
    Zone here = to.member.zone();
    List<Membership> near = new ArrayList<>();
    List<Membership> far = new ArrayList<>();
    candidates.forEach(member -> (here.isFar(member.member.zone()) ? far : near).add(member));
    int farPlaces = Math.min(far.size(), (int) (count * farShare + random.nextDouble()));
    farPlaces = Math.max(farPlaces, count - near.size()); // when there are few near ones
    List<Membership> chosen = new ArrayList<>(sameRackFirst(near, here, count - farPlaces));
    chosen.addAll(far.subList(0, farPlaces));
    return chosen;
  }

  private static List<Membership> sameRackFirst(List<Membership> near, Zone here, int count) {
    Set<Membership> chosen = new LinkedHashSet<>();
    near.stream()
        .filter(member -> here.nearness(member.member.zone()) == here.labels().size())
        .limit(count / 2)
        .forEach(chosen::add);
    near.stream().takeWhile(_ -> chosen.size() < count).forEach(chosen::add);
    return List.copyOf(chosen);
  }
}
