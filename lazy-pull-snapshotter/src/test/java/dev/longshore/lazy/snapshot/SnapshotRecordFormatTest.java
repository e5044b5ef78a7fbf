package dev.longshore.lazy.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SnapshotRecordFormatTest {
  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);

  private SnapshotRecord any() {
    Map<String, String> labels = new HashMap<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      labels.put("label ü " + random.nextInt(), "x".repeat(1 + random.nextInt(3000)));
    }
    Instant created = Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
    return new SnapshotRecord(
        random.nextLong(1 << 20),
        new SnapshotInfo(
            "name " + random.nextInt(),
            random.nextBoolean() ? "" : "parent",
            Kind.ofCode(1 + random.nextInt(3)),
            created,
            created.plusNanos(random.nextInt(1000)),
            labels),
        new Usage(random.nextLong(1 << 30), random.nextInt(1000)),
        random.nextBoolean() ? Optional.empty() : Optional.of(Digest.sha256(new byte[3])));
  }

  @Test
  void read_whatWasWritten_isTheSame() throws Exception {
    for (int i = 0; i < 200; i++) {
      SnapshotRecord record = any();
      assertThat(RecordFormat.read(RecordFormat.write(record)))
          .as("seed %s", seed)
          .isEqualTo(record);
    }
  }

  @Test
  void read_cutOrChanged_fails() {
    for (int i = 0; i < 200; i++) {
      byte[] bytes = RecordFormat.write(any());
      byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));

      assertThatThrownBy(() -> RecordFormat.read(cut))
          .as("seed %s", seed)
          .isInstanceOf(IOException.class);
      assertThatThrownBy(() -> RecordFormat.read(bytes))
          .as("seed %s", seed)
          .isInstanceOf(IOException.class);
    }
  }
}
