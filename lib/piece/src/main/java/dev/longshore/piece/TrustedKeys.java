package dev.longshore.piece;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The public cluster keys whose piece maps are believed; several at once while a key is rotated.
 */
public final class TrustedKeys {
  private final Map<Long, PublicKey> byId;

  private TrustedKeys(Map<Long, PublicKey> byId) {
    this.byId = byId;
  }

  static TrustedKeys of(PublicKey key) {
    return new TrustedKeys(Map.of(ByteBuffer.wrap(keyId(key)).getLong(), key));
  }

  /** Reads every {@code PUBLIC KEY} block of a PEM file. */
  public static TrustedKeys load(Path file) throws IOException {
    return parse(Files.readString(file), file.toString());
  }

  static TrustedKeys parse(String pem, String name) throws IOException {
    Map<Long, PublicKey> byId = new HashMap<>();
    try {
      List<byte[]> blocks = Pem.all(pem, "PUBLIC KEY");
      for (byte[] der : blocks) {
        PublicKey key =
            KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
        byId.put(ByteBuffer.wrap(keyId(key)).getLong(), key);
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("cannot read cluster keys from " + name + ": " + e.getMessage(), e);
    }
    if (byId.isEmpty()) {
      throw new IOException(
          "no PUBLIC KEY block in " + name + ": expected the .pub file that the origin wrote");
    }
    return new TrustedKeys(Map.copyOf(byId));
  }

  /**
   * Decodes a signed map and checks its signature.
   *
   * @throws MalformedPieceMapException if it is not one
   * @throws UntrustedPieceMapException if no trusted key made the signature
   */
  public SignedPieceMap open(byte[] encoded)
      throws MalformedPieceMapException, UntrustedPieceMapException {
    int header = SignedPieceMap.KEY_ID_BYTES + SignedPieceMap.SIGNATURE_BYTES;
    if (encoded.length < header) {
      throw new MalformedPieceMapException("cut short at byte " + encoded.length);
    }
    byte[] keyId = Arrays.copyOfRange(encoded, 0, SignedPieceMap.KEY_ID_BYTES);
    byte[] signature = Arrays.copyOfRange(encoded, SignedPieceMap.KEY_ID_BYTES, header);
    byte[] encodedMap = Arrays.copyOfRange(encoded, header, encoded.length);
    PublicKey key = byId.get(ByteBuffer.wrap(keyId).getLong());
    if (key == null) {
      throw new UntrustedPieceMapException("it is signed with a key that is not trusted here");
    }
    PieceMap map = PieceMap.decode(encodedMap);
    if (!verifies(key, encodedMap, signature)) {
      throw new UntrustedPieceMapException("its signature is wrong");
    }
    return new SignedPieceMap(map, keyId, signature, encodedMap);
  }

  private static boolean verifies(PublicKey key, byte[] encodedMap, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(key);
      verifier.update(encodedMap);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // the JDK reports a signature that is no curve point this way
    }
  }

  /** The first eight bytes of the SHA-256 of the key's SubjectPublicKeyInfo. */
  static byte[] keyId(PublicKey key) {
    return Arrays.copyOf(
        PieceMap.newHasher().digest(key.getEncoded()), SignedPieceMap.KEY_ID_BYTES);
  }
}
