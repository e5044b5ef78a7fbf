package dev.longshore.agent.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.swarm.SourceRef;
import org.junit.jupiter.api.Test;

class PullGrantsTest {
  private static final SourceRef TEAM = new SourceRef("r.example", "team/app");
  private static final SourceRef OTHER = new SourceRef("r.example", "other/app");

  /** Near the point where a monotonic clock wraps. */
  private long now = Long.MAX_VALUE - 1_000;

  private final PullGrants grants = new PullGrants(() -> now);

  @Test
  void fresh_neverAccepted_no() {
    assertThat(grants.fresh(new Caller(TEAM, "Bearer a"))).isFalse();
  }

  @Test
  void fresh_accepted_onlyForThoseCredentialsAndThatRepository() {
    grants.accept(new Caller(TEAM, "Bearer a"));
    assertThat(grants.fresh(new Caller(TEAM, "Bearer a"))).isTrue();
    assertThat(grants.fresh(new Caller(TEAM, "Bearer b"))).isFalse();
    assertThat(grants.fresh(new Caller(TEAM, null))).isFalse();
    assertThat(grants.fresh(new Caller(OTHER, "Bearer a"))).isFalse();
  }

  @Test
  void fresh_anonymousAccepted_coversEverybody() {
    grants.accept(new Caller(TEAM, null));
    assertThat(grants.fresh(new Caller(TEAM, "Basic whatever"))).isTrue();
  }

  @Test
  void fresh_old_onlyWhileUnreachable() {
    grants.accept(new Caller(TEAM, "Bearer a"));
    now += PullGrants.FRESH.toNanos();
    assertThat(grants.fresh(new Caller(TEAM, "Bearer a"))).isFalse();
    assertThat(grants.whileUnreachable(new Caller(TEAM, "Bearer a"))).isTrue();
    now += PullGrants.WHILE_UNREACHABLE.toNanos();
    assertThat(grants.whileUnreachable(new Caller(TEAM, "Bearer a"))).isFalse();
  }

  @Test
  void revoke_accepted_isForgotten() {
    Caller caller = new Caller(TEAM, "Bearer a");
    grants.accept(caller);
    grants.revoke(caller);
    assertThat(grants.fresh(caller)).isFalse();
    assertThat(grants.whileUnreachable(caller)).isFalse();
  }

  @Test
  void toString_credentials_areNotShown() {
    assertThat(new Caller(TEAM, "Bearer secret").toString())
        .doesNotContain("secret")
        .contains("r.example/team/app");
  }
}
