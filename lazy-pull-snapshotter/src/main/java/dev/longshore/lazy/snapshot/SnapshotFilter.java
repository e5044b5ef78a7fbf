package dev.longshore.lazy.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Filters of the List request; containerd pkg/filters. */
final class SnapshotFilter {
  private SnapshotFilter() {}

  /** What one comparison does with the field's value, which may be missing. */
  sealed interface Test {
    record IsPresent() implements Test {}

    record Equals(String value) implements Test {}

    record Differs(String value) implements Test {}

    record Matches(Pattern pattern) implements Test {}
  }

  /**
   * {@code path operator value}.
   *
   * @param path such as {@code labels, containerd.io/gc.root}
   */
  record Selector(List<String> path, Test test) implements Predicate<SnapshotInfo> {
    @Override
    public boolean test(SnapshotInfo info) {
      String value = field(info, path);
      return switch (test) {
        case Test.IsPresent() -> value != null;
        case Test.Equals(String expected) -> expected.equals(value);
        case Test.Differs(String other) -> !other.equals(value == null ? "" : value);
        case Test.Matches(Pattern pattern) -> pattern.matcher(value == null ? "" : value).find();
      };
    }
  }

  /**
   * Matches what one of the filters matches.
   *
   * @throws SnapshotException invalid argument, if one is malformed
   */
  static Predicate<SnapshotInfo> anyOf(List<String> filters) throws SnapshotException {
    if (filters.isEmpty()) {
      return _ -> true;
    }
    List<List<Selector>> parsed = new ArrayList<>();
    for (String filter : filters) {
      parsed.add(filter.isEmpty() ? List.of() : new FilterParser(filter).parse());
    }
    return info -> parsed.stream().anyMatch(all -> all.stream().allMatch(each -> each.test(info)));
  }

  /** containerd core/snapshots/storage, adaptSnapshot. */
  private static @Nullable String field(SnapshotInfo info, List<String> path) {
    return switch (path.getFirst()) {
      case "name" -> info.name();
      case "parent" -> info.parent();
      case "kind" -> info.kind().word();
      case "labels" -> info.labels().get(String.join(".", path.subList(1, path.size())));
      default -> null;
    };
  }
}
