package dev.longshore.piece;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;

/**
 * The cluster's Ed25519 key pair, which signs piece maps and statements on layer indexes; held by
 * origins and seeders only.
 *
 * <p>On disk it is one PEM file with a PKCS #8 {@code PRIVATE KEY} block and a {@code PUBLIC KEY}
 * block; the public block alone, in a file of its own, is what agents get ({@link TrustedKeys}).
 */
public final class ClusterKey {
  private final PrivateKey privateKey;
  private final PublicKey publicKey;
  private final byte[] keyId;

  private ClusterKey(PrivateKey privateKey, PublicKey publicKey) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
    this.keyId = TrustedKeys.keyId(publicKey);
  }

  /** A new random key pair. */
  public static ClusterKey generate() {
    try {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      return new ClusterKey(pair.getPrivate(), pair.getPublic());
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK since 15 has Ed25519", e);
    }
  }

  /**
   * Reads the key pair, or creates it when the file is not there: the private file with mode 0600,
   * and beside it {@code <file>.pub} with what agents need.
   */
  public static ClusterKey loadOrCreate(Path file) throws IOException {
    if (Files.exists(file)) {
      return load(file);
    }
    ClusterKey key = generate();
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (FileAlreadyExistsException e) {
      return load(file); // another process was first
    }
    Files.writeString(file, key.privatePem() + key.publicPem(), StandardOpenOption.WRITE);
    Files.writeString(file.resolveSibling(file.getFileName() + ".pub"), key.publicPem());
    return key;
  }

  /** Reads the key pair from a file that {@link #loadOrCreate} wrote. */
  public static ClusterKey load(Path file) throws IOException {
    String pem = Files.readString(file);
    try {
      KeyFactory factory = KeyFactory.getInstance("Ed25519");
      byte[] privateDer = Pem.only(pem, "PRIVATE KEY");
      byte[] publicDer = Pem.only(pem, "PUBLIC KEY");
      return new ClusterKey(
          factory.generatePrivate(new PKCS8EncodedKeySpec(privateDer)),
          factory.generatePublic(new X509EncodedKeySpec(publicDer)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(
          "cannot read the cluster key "
              + file
              + ": expected PEM with an Ed25519 PRIVATE KEY and its PUBLIC KEY ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  /** Signs a map. */
  public SignedPieceMap sign(PieceMap map) {
    return new SignedPieceMap(map, signed(map.encode()));
  }

  /** Signs a statement which blob is a layer's index. */
  public SignedIndexStatement sign(IndexStatement statement) {
    return new SignedIndexStatement(statement, signed(statement.encode()));
  }

  private SignedContent signed(byte[] content) {
    try {
      Signature signer = Signature.getInstance("Ed25519");
      signer.initSign(privateKey);
      signer.update(content);
      return new SignedContent(keyId, signer.sign(), content);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot sign with the cluster key", e);
    }
  }

  /** What a holder of only the public half trusts. */
  public TrustedKeys trusted() {
    return TrustedKeys.of(publicKey);
  }

  /** The public half as PEM. */
  public String publicPem() {
    return Pem.encode("PUBLIC KEY", publicKey.getEncoded());
  }

  private String privatePem() {
    return Pem.encode("PRIVATE KEY", privateKey.getEncoded());
  }
}
