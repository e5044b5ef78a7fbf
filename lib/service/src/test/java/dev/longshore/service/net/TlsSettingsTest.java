package dev.longshore.service.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.service.settings.Settings;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TlsSettingsTest {

  @Test
  void load_nothingGiven_defaults() {
    assertThat(Settings.load(TlsSettings.class))
        .isEqualTo(new TlsSettings(Optional.empty(), Optional.empty()))
        .isEqualTo(TlsSettings.none());
  }

  @Test
  void load_everythingGiven_mapped() {
    assertThat(Settings.load(TlsSettings.class, "--tls-cert=server.pem", "--tls-key=server.key"))
        .isEqualTo(
            new TlsSettings(
                Optional.of(Path.of("server.pem")), Optional.of(Path.of("server.key"))));
  }
}
