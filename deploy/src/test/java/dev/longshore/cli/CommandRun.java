package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A command that ran in this process, and what it printed. */
record CommandRun(int code, String out, String err) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static CommandRun of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        Longshore.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    return new CommandRun(line.execute(arguments), out.toString(), err.toString());
  }

  CommandRun succeeded() {
    assertThat(code).as(err).isZero();
    return this;
  }

  CommandRun failed() {
    assertThat(code).as(out + err).isEqualTo(1);
    assertThat(err).doesNotContain("\tat ");
    return this;
  }

  /** Standard output as JSON, which every line of it must be. */
  List<JsonNode> events() {
    return out.lines()
        .map(line -> {
          JsonNode event = JSON.readTree(line);
          assertThat(event.isObject()).as(line).isTrue();
          return event;
        })
        .toList();
  }

  /** The last line. */
  JsonNode result() {
    return events().getLast();
  }
}
