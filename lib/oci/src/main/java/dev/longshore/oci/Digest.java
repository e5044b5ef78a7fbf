package dev.longshore.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The digest that names a blob, {@code algorithm:hex} (OCI image-spec, descriptor.md, "Digests").
 *
 * <p>Only the two algorithms that the specification registers are accepted, and only in their
 * canonical form: lower-case hex of the exact length.
 */
public final class Digest implements TagOrDigest, Comparable<Digest> {

  /** A registered digest algorithm. The wire code is ours and never changes. */
  public enum Algorithm {
    SHA256("sha256", "SHA-256", 32, 1),
    SHA512("sha512", "SHA-512", 64, 2);

    private final String ociName;
    private final String jcaName;
    private final int bytes;
    private final int wireCode;

    Algorithm(String ociName, String jcaName, int bytes, int wireCode) {
      this.ociName = ociName;
      this.jcaName = jcaName;
      this.bytes = bytes;
      this.wireCode = wireCode;
    }

    /** The name in a digest string, as in {@code sha256}. */
    public String ociName() {
      return ociName;
    }

    /** Length of the raw hash in bytes. */
    public int bytes() {
      return bytes;
    }

    /** One byte that stands for this algorithm in Longshore's own binary formats. */
    public int wireCode() {
      return wireCode;
    }

    /** A fresh hasher of this algorithm. */
    public MessageDigest newHasher() {
      try {
        return MessageDigest.getInstance(jcaName);
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError("every Java platform has " + jcaName, e);
      }
    }

    /** The algorithm of a wire code, empty when unknown. */
    public static Optional<Algorithm> ofWireCode(int code) {
      for (Algorithm algorithm : values()) {
        if (algorithm.wireCode == code) {
          return Optional.of(algorithm);
        }
      }
      return Optional.empty();
    }
  }

  private final Algorithm algorithm;
  private final byte[] hash;
  private final String text;

  private Digest(Algorithm algorithm, byte[] hash) {
    this.algorithm = algorithm;
    this.hash = hash;
    this.text = algorithm.ociName + ":" + HexFormat.of().formatHex(hash);
  }

  /**
   * Parses {@code algorithm:hex}.
   *
   * @throws IllegalArgumentException if the text is not a canonical digest of a known algorithm
   */
  public static Digest parse(String text) {
    return tryParse(text)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "not a digest: expected sha256:<64 hex> or sha512:<128 hex>, found '"
                    + abbreviate(text)
                    + "'"));
  }

  /** Parses {@code algorithm:hex}, empty when it is not a canonical digest. */
  public static Optional<Digest> tryParse(String text) {
    for (Algorithm algorithm : Algorithm.values()) {
      int prefix = algorithm.ociName.length() + 1;
      if (text.length() == prefix + 2 * algorithm.bytes
          && text.startsWith(algorithm.ociName)
          && text.charAt(prefix - 1) == ':'
          && isLowerHex(text, prefix)) {
        return Optional.of(
            new Digest(algorithm, HexFormat.of().parseHex(text, prefix, text.length())));
      }
    }
    return Optional.empty();
  }

  /** The digest with this raw hash, which is copied. */
  public static Digest of(Algorithm algorithm, byte[] hash) {
    if (hash.length != algorithm.bytes) {
      throw new IllegalArgumentException(
          algorithm.ociName + " is " + algorithm.bytes + " bytes, found " + hash.length);
    }
    return new Digest(algorithm, hash.clone());
  }

  /** SHA-256 of these bytes. */
  public static Digest sha256(byte[] content) {
    return new Digest(Algorithm.SHA256, Algorithm.SHA256.newHasher().digest(content));
  }

  public Algorithm algorithm() {
    return algorithm;
  }

  /** The raw hash, a copy. */
  public byte[] hash() {
    return hash.clone();
  }

  /** The hex part alone. */
  public String hex() {
    return text.substring(algorithm.ociName.length() + 1);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Digest that
        && algorithm == that.algorithm
        && Arrays.equals(hash, that.hash);
  }

  @Override
  public int hashCode() {
    // The hash is uniform already: four of its bytes are a good hash code.
    return hash[0] << 24 | (hash[1] & 0xff) << 16 | (hash[2] & 0xff) << 8 | (hash[3] & 0xff);
  }

  @Override
  public int compareTo(Digest other) {
    return text.compareTo(other.text);
  }

  /** {@code algorithm:hex}. */
  @Override
  public String toString() {
    return text;
  }

  private static boolean isLowerHex(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }

  private static String abbreviate(String text) {
    return text.length() <= 160 ? text : text.substring(0, 160) + "…";
  }
}
