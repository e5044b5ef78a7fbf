package dev.longshore.cli.status;

/** Names short enough for a table, and long enough to tell things apart. */
final class Names {
  private static final int DIGEST_HEX = 12;

  private Names() {}

  /** {@code sha256:4bcff63911fc} of a whole digest. */
  static String digest(String digest) {
    int end = digest.indexOf(':') + 1 + DIGEST_HEX;
    return digest.length() <= end ? digest : digest.substring(0, end);
  }

  /** {@code host:port} of {@code id@host:port}; ids are made anew at each start. */
  static String peer(String peer) {
    return peer.substring(peer.indexOf('@') + 1);
  }

  /** Such as {@code 1 member} or {@code 3 members}. */
  static String count(long n, String one) {
    return n + " " + one + (n == 1 ? "" : "s");
  }

  /** A repository, or that nobody has said where the blob is from. */
  static String source(String source) {
    return source.equals("/") ? "-" : source;
  }
}
