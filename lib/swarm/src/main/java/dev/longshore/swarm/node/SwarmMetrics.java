package dev.longshore.swarm.node;

/** What a swarm member counts; the constants are the names in the registry. */
public final class SwarmMetrics {
  /** Bytes of pieces received; {@code kind}: source, seeder or agent. */
  public static final String RECEIVED = "longshore_swarm_received_bytes";

  /** Bytes of pieces sent; {@code kind}: seeder or agent. */
  public static final String SENT = "longshore_swarm_sent_bytes";

  /** Pieces checked against their map; {@code result}: verified, corrupt or unstored. */
  public static final String PIECES = "longshore_swarm_pieces";

  /** Connections open after their HELLO. */
  public static final String CONNECTIONS = "longshore_swarm_connections";

  /** Connections this side ended; {@code reason} of the GOODBYE. */
  public static final String GOODBYES = "longshore_swarm_goodbyes";

  /** Peers shut out; {@code reason}: corrupt or protocol. */
  public static final String BANS = "longshore_swarm_bans";

  /** Requests sent to peers and not answered yet. */
  public static final String REQUESTS = "longshore_swarm_requests_open";

  /** Requests for what another peer owed too and was late with. */
  public static final String HEDGES = "longshore_swarm_hedges";

  /** Bytes of pieces that came and were here already, or not wanted any more. */
  public static final String UNNEEDED = "longshore_swarm_unneeded_bytes";

  /** Requests of peers that wait for their turn to be sent. */
  public static final String UPLOADS_QUEUED = "longshore_swarm_uploads_queued";

  /** How long a request of a peer waited for its turn. */
  public static final String UPLOAD_WAIT = "longshore_swarm_upload_wait_seconds";

  /** How long a whole piece waited for a verifier. */
  public static final String VERIFY_WAIT = "longshore_swarm_verify_wait_seconds";

  /** Bytes of pieces that are being received or verified. */
  public static final String IN_FLIGHT = "longshore_swarm_in_flight_bytes";

  /** Reads at the source that failed; {@code permanent}: true or false. */
  public static final String SOURCE_FAILURES = "longshore_swarm_source_failures";

  /** Downloads under way. */
  public static final String DOWNLOADS = "longshore_swarm_downloads";

  private SwarmMetrics() {}
}
