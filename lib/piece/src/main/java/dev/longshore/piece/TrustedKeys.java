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
import org.jspecify.annotations.Nullable;

/**
 * The public cluster keys whose signatures are believed; several at once while a key is rotated.
 */
public final class TrustedKeys {
  private static final String UNKNOWN_KEY = "it is signed with a key that is not trusted here";
  private static final String WRONG_SIGNATURE = "its signature is wrong";

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
    SignedContent signed = SignedPieceMap.split(encoded);
    PublicKey key = key(signed);
    if (key == null) {
      throw new UntrustedPieceMapException(UNKNOWN_KEY);
    }
    PieceMap map = PieceMap.decode(signed.content());
    if (!verifies(key, signed)) {
      throw new UntrustedPieceMapException(WRONG_SIGNATURE);
    }
    return new SignedPieceMap(map, signed);
  }

  /**
   * Decodes a signed statement on a layer's index and checks its signature.
   *
   * @throws MalformedStatementException if it is not one
   * @throws UntrustedStatementException if no trusted key made the signature
   */
  public SignedIndexStatement openStatement(byte[] encoded)
      throws MalformedStatementException, UntrustedStatementException {
    SignedContent signed =
        SignedContent.split(encoded)
            .orElseThrow(
                () -> new MalformedStatementException("cut short at byte " + encoded.length));
    PublicKey key = key(signed);
    if (key == null) {
      throw new UntrustedStatementException(UNKNOWN_KEY);
    }
    IndexStatement statement = IndexStatement.decode(signed.content());
    if (!verifies(key, signed)) {
      throw new UntrustedStatementException(WRONG_SIGNATURE);
    }
    return new SignedIndexStatement(statement, signed);
  }

  private @Nullable PublicKey key(SignedContent signed) {
    return byId.get(ByteBuffer.wrap(signed.keyId()).getLong());
  }

  private static boolean verifies(PublicKey key, SignedContent signed) {
    try {
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(key);
      verifier.update(signed.content());
      return verifier.verify(signed.signature());
    } catch (GeneralSecurityException e) {
      return false; // the JDK reports a signature that is no curve point this way
    }
  }

  /** The first eight bytes of the SHA-256 of the key's SubjectPublicKeyInfo. */
  static byte[] keyId(PublicKey key) {
    return Arrays.copyOf(PieceMap.newHasher().digest(key.getEncoded()), SignedContent.KEY_ID_BYTES);
  }
}
