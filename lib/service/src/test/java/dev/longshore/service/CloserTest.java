package dev.longshore.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CloserTest {
  private final List<String> closed = new ArrayList<>();
  private final Closer closer = new Closer();

  private void open(String name) {
    AutoCloseable _ = closer.register(() -> closed.add(name));
  }

  private void openFailing(String name) {
    AutoCloseable _ =
        closer.register(() -> {
          closed.add(name);
          throw new IllegalStateException(name);
        });
  }

  @Test
  void close_several_lastFirstAndOnce() throws Exception {
    open("a");
    open("b");
    open("c");
    closer.close();
    closer.close();
    assertThat(closed).containsExactly("c", "b", "a");
  }

  @Test
  void close_someFail_closesTheRestAndReportsAll() {
    open("a");
    openFailing("b");
    openFailing("c");
    assertThatThrownBy(closer::close)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not close")
        .hasRootCauseMessage("c")
        .satisfies(e ->
            assertThat(e.getSuppressed())
                .singleElement()
                .hasToString("java.lang.IllegalStateException: b"));
    assertThat(closed).containsExactly("c", "b", "a");
  }

  @Test
  void closeAfter_closingFails_keepsTheFirstFailure() {
    openFailing("a");
    Exception reported = new Exception("cannot start");
    closer.closeAfter(reported);
    assertThat(reported.getSuppressed())
        .singleElement()
        .satisfies(e -> assertThat(e).hasRootCauseMessage("a"));
  }
}
