package dev.longshore.swarm.tracker;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.longshore.oci.Digest;
import dev.longshore.piece.MalformedPieceMapException;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.tracker.proto.Announce;
import dev.longshore.swarm.tracker.proto.Blob;
import dev.longshore.swarm.tracker.proto.CountHolders;
import dev.longshore.swarm.tracker.proto.Distrust;
import dev.longshore.swarm.tracker.proto.FindMap;
import dev.longshore.swarm.tracker.proto.FromMember;
import dev.longshore.swarm.tracker.proto.FromTracker;
import dev.longshore.swarm.tracker.proto.Hello;
import dev.longshore.swarm.tracker.proto.HolderCount;
import dev.longshore.swarm.tracker.proto.HolderCounts;
import dev.longshore.swarm.tracker.proto.LeaseAnswer;
import dev.longshore.swarm.tracker.proto.LeaseDone;
import dev.longshore.swarm.tracker.proto.LeaseHeld;
import dev.longshore.swarm.tracker.proto.LeaseReleased;
import dev.longshore.swarm.tracker.proto.MapFound;
import dev.longshore.swarm.tracker.proto.Peer;
import dev.longshore.swarm.tracker.proto.Peers;
import dev.longshore.swarm.tracker.proto.PublishMap;
import dev.longshore.swarm.tracker.proto.RequestLease;
import dev.longshore.swarm.tracker.proto.Role;
import dev.longshore.swarm.tracker.proto.Source;
import dev.longshore.swarm.tracker.proto.Wanted;
import dev.longshore.swarm.tracker.proto.Withdraw;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Between the generated messages and our records. Decoding checks every field: what comes out is
 * within bounds, what is not within bounds is a {@link MalformedMessageException}.
 */
final class Messages {
  /** The largest signed map (a million hashes of 32 bytes) and room for the rest of a message. */
  static final int MAX_BYTES = 33 << 20;

  private static final int MAX_NAME = 255;
  private static final int MAX_PEERS = 1_000;
  private static final int MAX_PIECES =
      Math.toIntExact(PieceLayout.MAX_BLOB_SIZE / PieceLayout.MAX_PIECE_SIZE);

  private Messages() {}

  // Both directions

  static Blob encode(Digest digest) {
    return Blob.newBuilder()
        .setAlgorithm(digest.algorithm().wireCode())
        .setHash(UnsafeByteOperations.unsafeWrap(digest.hash()))
        .build();
  }

  private static Digest decode(Blob blob) throws MalformedMessageException {
    Digest.Algorithm algorithm =
        Digest.Algorithm.ofWireCode(blob.getAlgorithm())
            .orElseThrow(() ->
                new MalformedMessageException(
                    "a digest has unknown algorithm " + blob.getAlgorithm()));
    int bytes = blob.getHash().size();
    check(bytes == algorithm.bytes(), "a digest has " + bytes + " bytes");
    return Digest.of(algorithm, blob.getHash().toByteArray());
  }

  private static ByteString encode(PeerId peer) {
    byte[] id = ByteBuffer.allocate(PeerId.BYTES).putLong(peer.high()).putLong(peer.low()).array();
    return UnsafeByteOperations.unsafeWrap(id);
  }

  private static PeerId decodePeerId(ByteString peer) throws MalformedMessageException {
    check(peer.size() == PeerId.BYTES, "a peer id has " + peer.size() + " bytes");
    ByteBuffer id = peer.asReadOnlyByteBuffer();
    return new PeerId(id.getLong(), id.getLong());
  }

  private static Peer encode(PeerAddress peer, String zone) {
    return Peer.newBuilder()
        .setId(encode(peer.id()))
        .setHost(peer.host())
        .setPort(peer.port())
        .setRole(peer.role() == PeerRole.SEEDER ? Role.ROLE_SEEDER : Role.ROLE_AGENT)
        .setZone(zone)
        .build();
  }

  private static PeerAddress decode(Peer peer) throws MalformedMessageException {
    PeerId id = decodePeerId(peer.getId());
    check(peer.getPort() > 0 && peer.getPort() < 1 << 16, "a peer has port " + peer.getPort());
    checkName("a peer's host", peer.getHost());
    return new PeerAddress(
        id,
        peer.getHost(),
        peer.getPort(),
        peer.getRole() == Role.ROLE_SEEDER ? PeerRole.SEEDER : PeerRole.AGENT);
  }

  private static Source encode(SourceRef source) {
    return Source.newBuilder()
        .setRegistry(source.registry())
        .setRepository(source.repository())
        .build();
  }

  private static SourceRef decode(Source source) throws MalformedMessageException {
    checkName("a source's registry", source.getRegistry());
    checkName("a source's repository", source.getRepository());
    return new SourceRef(source.getRegistry(), source.getRepository());
  }

  private static ByteString encode(BitSet set) {
    return UnsafeByteOperations.unsafeWrap(set.toByteArray());
  }

  private static BitSet decode(ByteString bits) throws MalformedMessageException {
    check(bits.size() <= MAX_PIECES / 8, "a set of pieces has " + bits.size() + " bytes");
    return BitSet.valueOf(bits.asReadOnlyByteBuffer());
  }

  private static long size(long size) throws MalformedMessageException {
    check(size >= 0 && size <= PieceLayout.MAX_BLOB_SIZE, "a blob has size " + size);
    return size;
  }

  // From member to tracker

  static FromMember encode(MemberMessage message) {
    FromMember.Builder out = FromMember.newBuilder();
    switch (message) {
      case MemberMessage.Hello m ->
          out.setHello(Hello.newBuilder().setSelf(encode(m.self(), m.zone())));
      case MemberMessage.Announce m ->
          out.setAnnounce(
              Announce.newBuilder()
                  .setBlob(encode(m.blob()))
                  .setSize(m.size())
                  .setHeld(m.held())
                  .setPieces(m.pieces())
                  .setSource(encode(m.source())));
      case MemberMessage.Withdraw m ->
          out.setWithdraw(Withdraw.newBuilder().setBlob(encode(m.blob())));
      case MemberMessage.FindMap m ->
          out.setFindMap(
              FindMap.newBuilder()
                  .setRequest(m.request())
                  .setBlob(encode(m.blob()))
                  .setWaitMillis(m.waitMillis()));
      case MemberMessage.PublishMap m ->
          out.setPublishMap(
              PublishMap.newBuilder().setSignedMap(UnsafeByteOperations.unsafeWrap(m.signedMap())));
      case MemberMessage.RequestLease m ->
          out.setRequestLease(
              RequestLease.newBuilder()
                  .setRequest(m.request())
                  .setBlob(encode(m.blob()))
                  .setWanted(encode(m.wanted()))
                  .setMax(m.max()));
      case MemberMessage.LeaseDone m ->
          out.setLeaseDone(
              LeaseDone.newBuilder().setBlob(encode(m.blob())).setPieces(encode(m.pieces())));
      case MemberMessage.LeaseReleased m ->
          out.setLeaseReleased(
              LeaseReleased.newBuilder().setBlob(encode(m.blob())).setPieces(encode(m.pieces())));
      case MemberMessage.CountHolders m -> {
        CountHolders.Builder ask = CountHolders.newBuilder();
        m.blobs().forEach(blob -> ask.addBlobs(encode(blob)));
        out.setCountHolders(ask);
      }
      case MemberMessage.Distrust m ->
          out.setDistrust(Distrust.newBuilder().setPeer(encode(m.peer())));
      case MemberMessage.LeaseHeld m ->
          out.setLeaseHeld(
              LeaseHeld.newBuilder().setBlob(encode(m.blob())).setPieces(encode(m.pieces())));
    }
    return out.build();
  }

  static MemberMessage decode(FromMember in) throws MalformedMessageException {
    return switch (in.getMessageCase()) {
      case HELLO -> {
        Peer self = in.getHello().getSelf();
        checkName("a zone", self.getZone());
        yield new MemberMessage.Hello(decode(self), self.getZone());
      }
      case ANNOUNCE -> {
        Announce m = in.getAnnounce();
        check(
            m.getHeld() >= 0 && m.getPieces() >= m.getHeld() && m.getPieces() <= MAX_PIECES,
            m.getHeld() + " of " + m.getPieces() + " pieces are held");
        yield new MemberMessage.Announce(
            decode(m.getBlob()),
            size(m.getSize()),
            m.getHeld(),
            m.getPieces(),
            decode(m.getSource()));
      }
      case WITHDRAW -> new MemberMessage.Withdraw(decode(in.getWithdraw().getBlob()));
      case FIND_MAP -> {
        FindMap m = in.getFindMap();
        check(m.getWaitMillis() >= 0, "a map's wait is negative");
        yield new MemberMessage.FindMap(m.getRequest(), decode(m.getBlob()), m.getWaitMillis());
      }
      case PUBLISH_MAP -> {
        byte[] signed = in.getPublishMap().getSignedMap().toByteArray();
        try {
          yield new MemberMessage.PublishMap(SignedPieceMap.digestOf(signed), signed);
        } catch (MalformedPieceMapException e) {
          throw new MalformedMessageException("a published piece map is none: " + e.getMessage());
        }
      }
      case REQUEST_LEASE -> {
        RequestLease m = in.getRequestLease();
        check(m.getMax() >= 0, "a lease is asked for " + m.getMax() + " pieces");
        yield new MemberMessage.RequestLease(
            m.getRequest(), decode(m.getBlob()), decode(m.getWanted()), m.getMax());
      }
      case LEASE_DONE ->
          new MemberMessage.LeaseDone(
              decode(in.getLeaseDone().getBlob()), decode(in.getLeaseDone().getPieces()));
      case LEASE_RELEASED ->
          new MemberMessage.LeaseReleased(
              decode(in.getLeaseReleased().getBlob()), decode(in.getLeaseReleased().getPieces()));
      case COUNT_HOLDERS -> {
        check(
            in.getCountHolders().getBlobsCount() <= MemberMessage.CountHolders.MOST,
            "holders are asked for of " + in.getCountHolders().getBlobsCount() + " blobs");
        List<Digest> blobs = new ArrayList<>();
        for (Blob blob : in.getCountHolders().getBlobsList()) {
          blobs.add(decode(blob));
        }
        yield new MemberMessage.CountHolders(blobs);
      }
      case DISTRUST -> new MemberMessage.Distrust(decodePeerId(in.getDistrust().getPeer()));
      case LEASE_HELD ->
          new MemberMessage.LeaseHeld(
              decode(in.getLeaseHeld().getBlob()), decode(in.getLeaseHeld().getPieces()));
      case MESSAGE_NOT_SET ->
          throw new MalformedMessageException("a message is empty or of a kind unknown here");
    };
  }

  // From tracker to member

  static FromTracker encode(TrackerMessage message) {
    FromTracker.Builder out = FromTracker.newBuilder();
    switch (message) {
      case TrackerMessage.Peers m -> {
        Peers.Builder peers = Peers.newBuilder().setBlob(encode(m.blob()));
        m.peers().forEach(peer -> peers.addPeers(encode(peer, "")));
        out.setPeers(peers);
      }
      case TrackerMessage.MapFound m ->
          out.setMapFound(
              MapFound.newBuilder()
                  .setRequest(m.request())
                  .setSignedMap(UnsafeByteOperations.unsafeWrap(m.signedMap())));
      case TrackerMessage.LeaseAnswer m ->
          out.setLeaseAnswer(
              LeaseAnswer.newBuilder()
                  .setRequest(m.request())
                  .setGranted(encode(m.granted()))
                  .setValidityMillis(m.validityMillis())
                  .setRetryAfterMillis(m.retryAfterMillis()));
      case TrackerMessage.HolderCounts m -> {
        HolderCounts.Builder counts = HolderCounts.newBuilder();
        m.counts()
            .forEach(count ->
                counts.addCounts(
                    HolderCount.newBuilder()
                        .setBlob(encode(count.blob()))
                        .setOthers(count.others())));
        out.setHolderCounts(counts);
      }
      case TrackerMessage.Wanted m ->
          out.setWanted(
              Wanted.newBuilder()
                  .setBlob(encode(m.blob()))
                  .setSize(m.size())
                  .setSource(encode(m.source())));
    }
    return out.build();
  }

  static TrackerMessage decode(FromTracker in) throws MalformedMessageException {
    return switch (in.getMessageCase()) {
      case PEERS -> {
        check(
            in.getPeers().getPeersCount() <= MAX_PEERS,
            "a list has " + in.getPeers().getPeersCount() + " peers");
        List<PeerAddress> peers = new ArrayList<>();
        for (Peer peer : in.getPeers().getPeersList()) {
          peers.add(decode(peer));
        }
        yield new TrackerMessage.Peers(decode(in.getPeers().getBlob()), peers);
      }
      case MAP_FOUND ->
          new TrackerMessage.MapFound(
              in.getMapFound().getRequest(), in.getMapFound().getSignedMap().toByteArray());
      case LEASE_ANSWER -> {
        LeaseAnswer m = in.getLeaseAnswer();
        check(
            m.getValidityMillis() >= 0 && m.getRetryAfterMillis() >= 0,
            "a lease has a negative time");
        yield new TrackerMessage.LeaseAnswer(
            m.getRequest(), decode(m.getGranted()), m.getValidityMillis(), m.getRetryAfterMillis());
      }
      case HOLDER_COUNTS -> {
        check(
            in.getHolderCounts().getCountsCount() <= MemberMessage.CountHolders.MOST,
            "holders are told of " + in.getHolderCounts().getCountsCount() + " blobs");
        List<TrackerMessage.HolderCount> counts = new ArrayList<>();
        for (HolderCount count : in.getHolderCounts().getCountsList()) {
          check(count.getOthers() >= 0, "a blob has " + count.getOthers() + " holders");
          counts.add(new TrackerMessage.HolderCount(decode(count.getBlob()), count.getOthers()));
        }
        yield new TrackerMessage.HolderCounts(counts);
      }
      case WANTED ->
          new TrackerMessage.Wanted(
              decode(in.getWanted().getBlob()),
              size(in.getWanted().getSize()),
              decode(in.getWanted().getSource()));
      case MESSAGE_NOT_SET ->
          throw new MalformedMessageException("a message is empty or of a kind unknown here");
    };
  }

  private static void checkName(String what, String name) throws MalformedMessageException {
    check(name.length() <= MAX_NAME, what + " has " + name.length() + " characters");
  }

  private static void check(boolean holds, String found) throws MalformedMessageException {
    if (!holds) {
      throw new MalformedMessageException(found);
    }
  }
}
