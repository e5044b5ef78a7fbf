package dev.longshore.agent.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.service.http.QueryParameters;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TagPageTest {
  private static final List<String> ALL = List.of("a", "b", "c", "d");

  @Test
  void of_noQuery_isEverything() {
    TagPage page = page("?ns=docker.io");
    assertThat(page).isEqualTo(new TagPage(ALL, false));
    assertThat(new String(page.json("x/y"), StandardCharsets.UTF_8))
        .isEqualTo("{\"name\":\"x/y\",\"tags\":[\"a\",\"b\",\"c\",\"d\"]}");
  }

  @Test
  void of_nAndLast_isThePageAfterLast() {
    assertThat(page("?n=2&last=a")).isEqualTo(new TagPage(List.of("b", "c"), true));
  }

  @Test
  void of_zero_isEmptyWithoutALink() {
    TagPage page = page("?n=0");
    assertThat(page).isEqualTo(new TagPage(List.of(), false));
    assertThat(page.next("/v2/x/tags/list", QueryParameters.of("?n=0"))).isEmpty();
  }

  @Test
  void next_more_keepsTheRegistry() {
    QueryParameters query = QueryParameters.of("?n=1&ns=r.example:5000");
    assertThat(TagPage.of(ALL, query).next("/v2/x/tags/list", query))
        .contains("</v2/x/tags/list?n=1&last=a&ns=r.example%3A5000>; rel=\"next\"");
  }

  @Test
  void of_nonsense_isIgnored() {
    assertThat(page("?n=-3")).isEqualTo(new TagPage(ALL, false));
    assertThat(page("?n=99999999999999")).isEqualTo(new TagPage(ALL, false));
  }

  private static TagPage page(String query) {
    return TagPage.of(ALL, QueryParameters.of(query));
  }
}
