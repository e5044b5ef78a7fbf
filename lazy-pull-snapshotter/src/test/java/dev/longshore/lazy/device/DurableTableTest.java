package dev.longshore.lazy.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableTableTest {
  private static final String BOOT = "11111111-1111-1111-1111-111111111111";
  private static final String NEXT_BOOT = "22222222-2222-2222-2222-222222222222";

  @TempDir Path folder;
  private FillTable table;

  @BeforeEach
  void makeTable() throws IOException {
    table = FillTable.create(folder.resolve("filled"), new long[] {0, 10, 20, 30});
  }

  @Test
  void correct_sameBoot_believesTheTable() throws IOException {
    durable(BOOT).save(table, () -> {});
    table.fill(0);

    assertThat(durable(BOOT).correct(table)).isZero();
    assertThat(table.isFilled(0)).isTrue();
  }

  @Test
  void correct_machineStoppedSince_takesBackWhatWasNotForced() throws IOException {
    table.fill(0);
    durable(BOOT).save(table, () -> {});
    table.fill(1);

    assertThat(durable(NEXT_BOOT).correct(table)).isEqualTo(1);
    assertThat(table.isFilled(0)).isTrue();
    assertThat(table.isFilled(1)).isFalse();
  }

  @Test
  void correct_nothingSavedOrSavedForAnother_takesAllBack() throws IOException {
    table.fill(0);
    assertThat(durable(NEXT_BOOT).correct(table)).isEqualTo(1);

    table.fill(0);
    Files.write(folder.resolve("durable"), new byte[3]);
    assertThat(durable(NEXT_BOOT).correct(table)).isEqualTo(1);
    table.fill(0);
    Files.writeString(folder.resolve("durable"), BOOT + "\u0001");
    assertThat(durable(NEXT_BOOT).correct(table)).isEqualTo(1);
  }

  @Test
  void save_whatIsFilledMeanwhile_isNotSaidToBeOnDisk() throws IOException {
    table.fill(0);
    durable(BOOT).save(table, () -> table.fill(1)); // after the data was forced, for all it knows

    durable(NEXT_BOOT).correct(table);

    assertThat(table.isFilled(0)).isTrue();
    assertThat(table.isFilled(1)).isFalse();
  }

  @Test
  void save_forcingFails_saysNothingNew() throws IOException {
    AtomicInteger forced = new AtomicInteger();
    durable(BOOT).save(table, forced::incrementAndGet);
    table.fill(0);

    assertThatThrownBy(() ->
            durable(BOOT)
                .save(
                    table,
                    () -> {
                      throw new IOException("disk gone");
                    }))
        .isInstanceOf(IOException.class);

    assertThat(forced).hasValue(1);
    assertThat(durable(NEXT_BOOT).correct(table)).isEqualTo(1);
  }

  private DurableTable durable(String boot) {
    return new DurableTable(folder.resolve("durable"), boot);
  }
}
