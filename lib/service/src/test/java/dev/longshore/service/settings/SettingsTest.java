package dev.longshore.service.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.longshore.service.net.RateLimit;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {

  record Limits(
      @Setting(value = "the most to send", defaultValue = "unlimited") RateLimit uploadLimit,
      @Setting(value = "the most to keep", defaultValue = "10GiB") DataSize quota) {}

  record Sample(
      @Setting("where everything is kept") Path data,
      @Setting(value = "where to listen", defaultValue = "127.0.0.1:7300") HostAndPort listen,
      @Setting("trackers to announce to") List<HostAndPort> tracker,
      @Setting("registries and where they are reached") Map<String, URI> upstream,
      @Setting(value = "when to give up", defaultValue = "5s") Duration timeout,
      @Setting(value = "how bytes move", defaultValue = "auto") TransportChoice transport,
      @Setting("keep going") boolean keep,
      @Setting(value = "check twice", defaultValue = "true") boolean verify,
      @Setting("a name, if any") Optional<String> name,
      @Setting(value = "how many", defaultValue = "3") int agents,
      Limits limits) {

    Sample {
      if (agents > 100) {
        throw new IllegalArgumentException("--agents: at most 100, found " + agents);
      }
    }
  }

  @TempDir Path folder;

  private static Sample load(String... arguments) {
    return Settings.load(Sample.class, arguments);
  }

  private Path yaml(String text) throws IOException {
    return Files.writeString(folder.resolve("settings.yaml"), text);
  }

  @Test
  void load_defaults_areThoseAnnotated() {
    assertThat(load("--data", "/d"))
        .isEqualTo(
            new Sample(
                Path.of("/d"),
                new HostAndPort("127.0.0.1", 7300),
                List.of(),
                Map.of(),
                Duration.ofSeconds(5),
                TransportChoice.AUTO,
                false,
                true,
                Optional.empty(),
                3,
                new Limits(RateLimit.UNLIMITED, new DataSize(10L << 30))));
  }

  private static final Sample EXPLICIT =
      new Sample(
          Path.of("/data"),
          new HostAndPort("::1", 1),
          List.of(new HostAndPort("a", 1), new HostAndPort("b", 2)),
          Map.of(
              "docker.io", URI.create("http://127.0.0.1:5000"),
              "quay.io", URI.create("https://quay.example/")),
          Duration.ofMinutes(1),
          TransportChoice.IO_URING,
          true,
          false,
          Optional.of("n1"),
          7,
          new Limits(new RateLimit(100 << 20), new DataSize(1 << 20)));

  @Test
  void load_flags_coverEverySetting() {
    assertThat(
            load(
                "--data=/data",
                "--listen",
                "[::1]:1",
                "--tracker=a:1,b:2",
                "--upstream",
                "docker.io=http://127.0.0.1:5000",
                "--upstream=quay.io=https://quay.example/",
                "--timeout",
                "1m",
                "--transport=io_uring",
                "--keep",
                "--no-verify",
                "--name",
                "n1",
                "--agents",
                "7",
                "--upload-limit",
                "100MiB/s",
                "--quota",
                "1MiB"))
        .isEqualTo(EXPLICIT);
  }

  @Test
  void load_wordWithADash_isTheOneWithAnUnderscore() {
    assertThat(load("--data=/d", "--transport=io-uring"))
        .isEqualTo(load("--data=/d", "--transport=io_uring"));
  }

  @Test
  void load_yaml_coversEverySetting() throws IOException {
    Path file =
        yaml(
            """
            # a comment
            data: /data
            listen: "[::1]:1"
            tracker: [a:1, b:2]
            upstream:
              docker.io: http://127.0.0.1:5000
              quay.io: https://quay.example/
            timeout: 1m
            transport: io_uring
            keep: true
            verify: false
            name: n1
            agents: 7
            upload-limit: 100MiB/s
            quota: 1MiB
            """);
    assertThat(load("--config", file.toString())).isEqualTo(EXPLICIT);
  }

  @Test
  void load_flagsOverYaml_win() throws IOException {
    Path file = yaml("data: /from/file\nagents: 9\ntracker: a:1,b:2\n");
    Sample loaded = load("--agents", "4", "--tracker", "c:3", "--config=" + file);
    assertThat(loaded.data()).isEqualTo(Path.of("/from/file"));
    assertThat(loaded.agents()).isEqualTo(4);
    assertThat(loaded.tracker()).containsExactly(new HostAndPort("c", 3));
  }

  @Test
  void load_map_keepsItsOrder() {
    assertThat(
            load("--data", "/d", "--upstream", "z=http://z", "--upstream", "a=http://a").upstream())
        .containsExactly(entry("z", URI.create("http://z")), entry("a", URI.create("http://a")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--lisen 1.2.3.4:5     | unknown setting --lisen; did you mean --listen?",
        "--trackers a:1        | unknown setting --trackers; did you mean --tracker?",
        "--upload-limti 1MB/s  | unknown setting --upload-limti; did you mean --upload-limit?",
        "--bananas 3           | unknown setting --bananas; known settings: --data, --listen",
        "--agents              | --agents needs a value: --agents N",
        "--agents many         | --agents: expected a whole number, found \"many\"",
        "--agents 99999999999  | --agents: expected a number from",
        "--agents 101          | --agents: at most 100, found 101",
        "--agents 1 --agents 2 | --agents is given twice",
        "--listen nowhere      | --listen: expected HOST:PORT such as 127.0.0.1:5000",
        "--quota huge          | --quota: expected a size such as 64MiB",
        "--timeout 5           | --timeout: expected a duration such as 5s",
        "--transport carrier   | --transport: expected one of auto|io_uring|epoll|nio",
        "--upstream docker.io  | --upstream: expected NAME=URL, found \"docker.io\"",
        "--upstream a=b        | --upstream: expected a URL such as http://127.0.0.1:5000",
        "--keep=perhaps        | --keep: expected true or false, found \"perhaps\"",
        "stray                 | unexpected argument \"stray\"",
        "--no-agents           | unknown setting --no-agents",
      })
  void load_wrongFlags_sayWhatIsRight(String flags, String message) {
    assertThatThrownBy(() -> load(("--data /d " + flags).split(" +")))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void load_requiredMissing_saysWhatItIsFor() {
    assertThatThrownBy(() -> load())
        .isInstanceOf(SettingsException.class)
        .hasMessage("--data PATH is needed: where everything is kept");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'upload-limt: 1MB/s' | unknown setting upload-limt; did you mean upload-limit?",
        "'uploadLimit: 1MB/s' | unknown setting uploadLimit; did you mean upload-limit?",
        "'agents: many'       | agents: expected a whole number",
        "'agents:'            | agents has no value",
        "'agents: {a: 1}'     | agents takes a single value",
        "'- a'                | expected lines of the form",
        "'a: b: c'            | not valid YAML",
        "'agents: 1\nagents: 2' | not valid YAML",
      })
  void load_wrongYaml_saysWhereAndWhatIsRight(String text, String message) throws IOException {
    Path file = yaml(text + "\n");
    assertThatThrownBy(() -> load("--data", "/d", "--config", file.toString()))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void load_noSuchFile_saysSo() {
    assertThatThrownBy(() -> load("--config", "/no/such/file"))
        .isInstanceOf(SettingsException.class)
        .hasMessage("--config /no/such/file: there is no such file");
  }

  @Test
  void load_emptyFile_isNoSettings() throws IOException {
    assertThat(load("--data", "/d", "--config", yaml("# nothing\n").toString()))
        .isEqualTo(load("--data", "/d"));
  }

  @Test
  void help_showsEverySettingOnce() {
    assertThat(Settings.help("longshore sample", "Shows settings.", List.of(Sample.class)))
        .isEqualTo(
            """
            Usage: longshore sample --data PATH [settings]

            Shows settings.

            Required:
              --data PATH            where everything is kept

            Optional:
              --listen HOST:PORT     where to listen (default 127.0.0.1:7300)
              --tracker HOST:PORT,…  trackers to announce to
              --upstream NAME=URL    registries and where they are reached; may be repeated
              --timeout TIME         when to give up (default 5s)
              --transport auto|io_uring|epoll|nio
                                     how bytes move (default auto)
              --[no-]keep            keep going
              --[no-]verify          check twice (default true)
              --name TEXT            a name, if any
              --agents N             how many (default 3)
              --upload-limit RATE    the most to send (default unlimited)
              --quota SIZE           the most to keep (default 10GiB)
              --config FILE          YAML file with any of these settings; flags win over it
              --help                 shows this text

            Sizes and times take units: 64MiB, 100MiB/s, 5s, 1h30m.
            """);
  }
}
