package dev.longshore.lazy.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotFilterTest {
  private static final List<SnapshotInfo> ALL =
      List.of(
          info("base", "", Kind.COMMITTED, Map.of()),
          info("top", "base", Kind.COMMITTED, Map.of("containerd.io/snapshot.ref", "sha256:ab12")),
          info("run", "top", Kind.ACTIVE, Map.of("l", "1", "a.b", "x,y", "q", "say \"hi\"")),
          info("look", "base", Kind.VIEW, Map.of("l", "2")));

  private static SnapshotInfo info(
      String name, String parent, Kind kind, Map<String, String> labels) {
    return new SnapshotInfo(name, parent, kind, Instant.EPOCH, Instant.EPOCH, labels);
  }

  private static Arguments filters(String expected, String... filters) {
    return Arguments.of(expected, List.of(filters));
  }

  static Stream<Arguments> anyOf_filters_matches() {
    return Stream.of(
        filters("base top run look"),
        filters("base top run look", ""),
        filters("run", "name==run"),
        filters("run", "name == run"),
        filters("base top look", "name!=run"),
        filters("run look", "parent!=\"\",kind!=committed"),
        filters("top", "labels.\"containerd.io/snapshot.ref\"==sha256:ab12,parent==\"base\""),
        filters("", "labels.\"containerd.io/snapshot.ref\"==sha256:ab12,parent==\"\""),
        filters("run", "kind==active"),
        filters("look", "kind==view"),
        filters("base top", "kind==committed"),
        filters("", "kind==Active"),
        filters("base run", "name==base", "name==run"),
        filters("run look", "labels.l"),
        filters("look", "labels.l==2"),
        filters("base top look", "labels.l!=1"), // a missing one differs, too
        filters("run", "labels.a.b"),
        filters("run", "labels.\"a.b\"==\"x,y\""),
        filters("run", "labels.q==\"say \\\"hi\\\"\""),
        filters("run", "labels.l==\"\\x31\""),
        filters("run", "labels.l==\"\\u0031\""),
        filters("run", "labels.l==\"\\061\""),
        filters("run look", "labels.l~=^[12]$"),
        filters("run look", "labels.l~=/[12]/"),
        filters("base", "name~=|^b.s|"),
        filters("run look", "labels.l~=\"\\\\d\""),
        filters("top", "name==top, kind==committed"),
        filters("", "labels"),
        filters("", "unknown"),
        filters("base top run look", "unknown!=x"),
        filters("base", "\"name\"==base"));
  }

  @ParameterizedTest
  @MethodSource
  void anyOf_filters_matches(String expected, List<String> filters) throws Exception {
    assertThat(ALL.stream().filter(SnapshotFilter.anyOf(filters)).map(SnapshotInfo::name))
        .containsExactlyElementsOf(
            expected.isEmpty() ? List.of() : Arrays.asList(expected.split(" ", -1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ",",
        "name==",
        "name==,kind==view",
        "name=x",
        "name===x",
        "name<x",
        "name==x,",
        "name==x ",
        "name==x kind==view",
        ".name",
        "name..x",
        "labels.",
        "labels.\"x",
        "labels.\"x==1",
        "name==\"x",
        "name==\"x\ny\"",
        "name==\"\\q\"",
        "name==\"\\x3\"",
        "name==\"\\U99999999\"",
        "name==\"\\777\"",
        "name==/x/",
        "name~=/x",
        "name~=\"[\"",
        "näme==x",
        "name==\u0000",
        "\\"
      })
  void anyOf_malformed_isInvalidArgument(String filter) {
    assertThatThrownBy(() -> SnapshotFilter.anyOf(List.of("name==x", filter)))
        .isInstanceOfSatisfying(
            SnapshotException.class,
            e -> assertThat(e.reason()).isEqualTo(SnapshotException.Reason.INVALID_ARGUMENT));
  }

  @Test
  void anyOf_bytesThatAreNoCharacter_matchNothing() throws Exception {
    assertThat(ALL).noneMatch(SnapshotFilter.anyOf(List.of("name==\"\\xff\"")));
  }
}
