package dev.longshore.service.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelOption;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class UringTuningTest {
  private final Map<ChannelOption<?>, Object> options = new HashMap<>();

  private <T> Object set(ChannelOption<T> option, T value) {
    return options.put(option, value) == null ? option : value;
  }

  @Test
  void setOptions_none_setsNothing() {
    UringTuning.NONE.setOptions(this::set);

    assertThat(options).isEmpty();
  }

  @Test
  void apply_ringAndZeroCopy_connectionsUseTheRingThatIsThere() {
    UringTuning tuning = new UringTuning(8, 4_096, 100);
    var config = new IoUringIoHandlerConfig();
    tuning.applyTo(config);
    tuning.setOptions(this::set);

    assertThat(config.getBufferRingConfigs()).hasSize(1);
    assertThat(options)
        .containsEntry(
            IoUringChannelOption.IO_URING_BUFFER_GROUP_ID,
            config.getBufferRingConfigs().getFirst().bufferGroupId())
        .containsEntry(IoUringChannelOption.IO_URING_WRITE_ZERO_COPY_THRESHOLD, 100);
  }

  @Test
  void create_sevenBuffers_isRefused() {
    assertThatThrownBy(() -> new UringTuning(7, 4_096, UringTuning.NEVER))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("power of two");
  }
}
