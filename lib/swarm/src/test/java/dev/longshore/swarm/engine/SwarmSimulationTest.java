package dev.longshore.swarm.engine;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.piece.PieceLayout;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole swarms of {@link BlobDownload}s in virtual time, from a seed. */
final class SwarmSimulationTest {
  private static final int PIECE = PieceLayout.MIN_PIECE_SIZE;
  private static final long LATENCY = MILLISECONDS.toNanos(1);

  @Test
  void sixteenColdNodes_keepTheirLinksBusy_andTheSourceSendsItOnce() {
    Swarm swarm = new Swarm(1, 16, 400);
    swarm.run();
    long ideal = 400L * PIECE * SECONDS.toNanos(1) / Swarm.NODE_RATE;
    assertThat(swarm.unfinished()).isEmpty();
    assertThat(swarm.sourcePieces).isEqualTo(400);
    assertThat((double) swarm.now / ideal).isLessThan(1.5);
  }

  /**
   * Peers that corrupt, go silent, say busy or leave; brokers that lose leases. Still everyone
   * ends.
   */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
  void faults_neverStopAnHonestNode(long seed) {
    Swarm swarm = new Swarm(seed, 12, 120);
    swarm.nodes.get(1).corrupts = true;
    swarm.nodes.get(2).silent = true;
    swarm.nodes.get(3).busyOften = true;
    swarm.nodes.get(4).leavesAt = SECONDS.toNanos(1);
    swarm.sourceFailsOneIn = 10;
    swarm.run();
    assertThat(swarm.unfinished()).as("seed %d", seed).isEmpty();
    assertThat(swarm.sourcePieces).as("seed %d", seed).isLessThan(2 * 120);
  }

  /** As of a machine that was suspended, and of clocks that are set while downloads run. */
  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25, 26})
  void clocksJump_everybodyEnds(long seed) {
    Swarm swarm = new Swarm(seed, 12, 120);
    for (Node node : swarm.nodes) {
      for (int jump = 0; jump < 4; jump++) {
        long by = swarm.random.nextLong(-SECONDS.toNanos(5), SECONDS.toNanos(3600));
        swarm.at(swarm.random.nextLong(SECONDS.toNanos(2)), () -> node.clockAhead += by);
      }
    }
    swarm.run();
    assertThat(swarm.unfinished()).as("seed %d", seed).isEmpty();
    assertThat(swarm.sourcePieces).as("seed %d", seed).isLessThan(2 * 120);
  }

  /** A node: its download, its place in the network, and how it misbehaves. */
  private static final class Node {
    final PeerId id;
    final BlobDownload download;
    final Set<Integer> banned = new HashSet<>();
    long uplinkFree;
    long downlinkFree;
    boolean corrupts;
    boolean silent;
    boolean busyOften;
    long leavesAt = Long.MAX_VALUE;
    boolean gone;
    boolean complete;
    long wake = Long.MAX_VALUE;
    long clockAhead;

    Node(int index, int pieces, Random random) {
      id = new PeerId(0, index);
      download =
          new BlobDownload(
              new PieceLayout((long) pieces * PIECE, PIECE),
              new BitSet(),
              EngineSettings.defaults(),
              random);
    }
  }

  private record Scheduled(long at, long order, Runnable run) implements Comparable<Scheduled> {
    @Override
    public int compareTo(Scheduled other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private static final class Swarm {
    static final long NODE_RATE = 20_000_000;
    static final long SOURCE_RATE = 40_000_000;

    final List<Node> nodes = new ArrayList<>();
    final Random random;
    private final PriorityQueue<Scheduled> queue = new PriorityQueue<>();
    private final BitSet leasedOut = new BitSet();
    private long order;
    private long sourceFree;
    private final Set<Long> cancelled = new HashSet<>();
    long now;
    int sourcePieces;
    int sourceFailsOneIn = Integer.MAX_VALUE;

    Swarm(long seed, int count, int pieces) {
      random = new Random(seed);
      for (int index = 0; index < count; index++) {
        nodes.add(new Node(index, pieces, random));
      }
    }

    void run() {
      for (Node node : nodes) {
        at(
            random.nextLong(MILLISECONDS.toNanos(50)),
            () -> deliver(node, new Event.ReaderAt(1, 0)));
        for (Node other : nodes) {
          if (other != node) {
            at(
                MILLISECONDS.toNanos(50) + random.nextLong(MILLISECONDS.toNanos(20)),
                () -> connect(node, other));
          }
        }
        if (node.leavesAt < Long.MAX_VALUE) {
          at(node.leavesAt, () -> leave(node));
        }
      }
      while (!queue.isEmpty() && !unfinished().isEmpty() && now < SECONDS.toNanos(300)) {
        Scheduled next = queue.remove();
        now = next.at;
        next.run.run();
      }
    }

    List<PeerId> unfinished() {
      return nodes.stream()
          .filter(node -> !node.complete && !node.gone)
          .map(node -> node.id)
          .toList();
    }

    private void at(long time, Runnable run) {
      queue.add(new Scheduled(Math.max(time, now), order++, run));
    }

    private void connect(Node node, Node other) {
      if (!node.gone && !other.gone) {
        BitSet has = other.silent || other.corrupts ? all() : other.download.stored();
        deliver(node, new Event.PeerJoined(other.id, PeerRole.AGENT, false, has));
      }
    }

    private static BitSet all() {
      BitSet all = new BitSet();
      all.set(0, 4096);
      return all;
    }

    private void leave(Node node) {
      node.gone = true;
      for (Node other : nodes) {
        deliver(other, new Event.PeerLeft(node.id));
      }
    }

    private void deliver(Node node, Event event) {
      if (!node.gone) {
        node.download.handle(event, now + node.clockAhead).forEach(action -> perform(node, action));
      }
    }

    private void perform(Node node, Action action) {
      switch (action) {
        case Action.Request r -> at(now + LATENCY, () -> serve(find(r.peer()), node, r.piece()));
        case Action.Cancel c -> cancelled.add(key(node, c.peer(), c.piece()));
        case Action.AskLease ask -> at(now + 2 * LATENCY, () -> answer(node, ask));
        case Action.ReadSource read -> read.pieces().stream().forEach(piece -> read(node, piece));
        case Action.ReleaseLease release -> leasedOut.andNot(release.pieces());
        case Action.AnnounceHave have -> announce(node, have.piece());
        case Action.Ban ban -> node.banned.add((int) ban.peer().low());
        case Action.Complete c -> node.complete = true;
        case Action.Fail fail -> throw new AssertionError(node.id + " failed: " + fail.reason());
        case Action.WakeAt wake -> {
          node.wake = wake.time();
          at(
              wake.time() - node.clockAhead,
              () -> {
                if (node.wake == wake.time()) {
                  deliver(node, new Event.Tick());
                }
              });
        }
      }
    }

    private long key(Node node, PeerId peer, int piece) {
      return (node.id.low() << 40) | (peer.low() << 20) | piece;
    }

    private void serve(Node from, Node to, int piece) {
      if (from.gone || from.silent || cancelled.remove(key(to, from.id, piece))) {
        return;
      }
      if (from.busyOften && random.nextInt(3) == 0) {
        at(
            now + LATENCY,
            () -> deliver(to, new Event.PeerBusy(from.id, piece, MILLISECONDS.toNanos(20))));
        return;
      }
      long sent = Math.max(now, from.uplinkFree) + SECONDS.toNanos(1) * PIECE / NODE_RATE;
      from.uplinkFree = sent;
      at(sent + LATENCY, () -> receive(from, to, piece));
    }

    private void receive(@Nullable Node from, Node to, int piece) {
      to.downlinkFree = Math.max(now, to.downlinkFree) + SECONDS.toNanos(1) * PIECE / NODE_RATE;
      at(to.downlinkFree, () -> arrive(from, to, piece));
    }

    private void arrive(@Nullable Node from, Node to, int piece) {
      if (from != null && from.gone) {
        return;
      }
      PeerId sender = from == null ? null : from.id;
      deliver(to, new Event.PieceArrived(sender, piece));
      boolean corrupt = from != null && from.corrupts;
      at(
          now + MILLISECONDS.toNanos(1),
          () ->
              deliver(
                  to,
                  corrupt
                      ? new Event.PieceCorrupt(sender, piece)
                      : new Event.PieceStored(sender, piece)));
    }

    private void answer(Node node, Action.AskLease ask) {
      BitSet granted = new BitSet();
      List<Integer> free =
          new ArrayList<>(ask.wanted().stream().filter(p -> !leasedOut.get(p)).boxed().toList());
      java.util.Collections.shuffle(free, random);
      free.stream().limit(Math.min(ask.max(), 4)).forEach(granted::set);
      leasedOut.or(granted);
      // A lease that is neither done nor given back ends by itself.
      at(now + SECONDS.toNanos(5), () -> leasedOut.andNot(granted));
      deliver(node, new Event.LeaseAnswered(granted, SECONDS.toNanos(5), MILLISECONDS.toNanos(50)));
    }

    private void read(Node node, int piece) {
      if (random.nextInt(sourceFailsOneIn) == 0) {
        BitSet one = new BitSet();
        one.set(piece);
        at(now + LATENCY, () -> deliver(node, new Event.SourceFailed(one, "cut", false)));
        return;
      }
      sourcePieces++;
      long sent = Math.max(now, sourceFree) + SECONDS.toNanos(1) * PIECE / SOURCE_RATE;
      sourceFree = sent;
      at(sent + LATENCY, () -> receive(null, node, piece));
    }

    private void announce(Node node, int piece) {
      for (Node other : nodes) {
        if (other != node && !other.banned.contains((int) node.id.low())) {
          at(now + LATENCY, () -> deliver(other, new Event.PeerHas(node.id, piece)));
        }
      }
    }

    private Node find(PeerId id) {
      return nodes.get(Math.toIntExact(id.low()));
    }
  }
}
