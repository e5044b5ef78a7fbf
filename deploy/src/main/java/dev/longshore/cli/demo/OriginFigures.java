package dev.longshore.cli.demo;

/** The origin's metrics that the demo reads, as its metrics page names them. */
public final class OriginFigures {
  /** Bytes of bodies sent. */
  public static final String SENT = "longshore_origin_sent_bytes_total";

  /** Blobs whose piece map is still to be computed. */
  public static final String PIECE_MAP_BACKLOG = "longshore_origin_piece_map_backlog";

  private OriginFigures() {}
}
