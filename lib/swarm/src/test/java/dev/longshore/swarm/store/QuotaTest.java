package dev.longshore.swarm.store;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The disk as a limit; what the quota evicts is told by the store's own tests. */
final class QuotaTest {
  private static final Digest BLOB = Digest.sha256(new byte[] {1});
  private static final Digest OTHER = Digest.sha256(new byte[] {2});

  private long free = 1000;
  private final Quota quota =
      new Quota(
          StoreConfig.defaults(Path.of("store")),
          () -> free,
          List.of(),
          blob -> {
            throw new AssertionError("nothing is here to be evicted");
          });

  @Test
  void admit_moreThanTheDiskHas_isRefusedWithTheFigures() {
    assertThatThrownBy(() -> quota.admit(BLOB, 1001))
        .isInstanceOf(StoreFullException.class)
        .hasMessageContaining("it needs 1001 more bytes")
        .hasMessageContaining("1000 bytes are free");
  }

  @Test
  void admit_whatIsPromisedToAnother_isRefusedUntilThatIsOpen() throws Exception {
    quota.admit(BLOB, 600);
    assertThatThrownBy(() -> quota.admit(OTHER, 600)).isInstanceOf(StoreFullException.class);
    quota.admitted(600);
    assertThatCode(() -> quota.admit(OTHER, 600)).doesNotThrowAnyException();
  }

  @Test
  void admit_blobThatLacksNothing_isLetInOnAFullDisk() {
    free = 0;
    assertThatCode(() -> quota.admit(BLOB, 0)).doesNotThrowAnyException();
  }
}
