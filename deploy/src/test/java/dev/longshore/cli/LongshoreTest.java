package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class LongshoreTest {

  @Test
  void usage_everyCommand_hasALine() {
    CommandLine line = Longshore.commandLine();

    assertThat(line.getUsageMessage()).contains("Usage: longshore");
    line.getSubcommands()
        .forEach((name, command) ->
            assertThat(command.getCommandSpec().usageMessage().description())
                .as("description of " + name)
                .isNotEmpty());
  }

  @Test
  void execute_unknownCommand_exitsWithUsageErrorAndSuggests() {
    StringWriter err = new StringWriter();
    CommandLine line = Longshore.commandLine().setErr(new PrintWriter(err, true));

    assertThat(line.execute("demoo")).isEqualTo(2);
    assertThat(err.toString()).contains("demoo");
  }

  @Test
  void execute_failureOfACommand_isOneLineAndCodeOne() {
    StringWriter err = new StringWriter();
    CommandLine line = Longshore.commandLine().setErr(new PrintWriter(err, true));

    assertThat(line.execute("test")).isEqualTo(1);
    assertThat(err.toString()).startsWith("longshore test: ").doesNotContain("\tat ");
  }
}
