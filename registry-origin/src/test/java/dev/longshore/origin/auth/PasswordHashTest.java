package dev.longshore.origin.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PasswordHashTest {

  @Test
  void matches_onlyTheSamePassword_withASaltOfItsOwn() {
    String stored = PasswordHash.of("correct horse");
    assertThat(stored).startsWith("pbkdf2-sha256$600000$").doesNotContain("horse");
    assertThat(PasswordHash.matches("correct horse", stored)).isTrue();
    assertThat(PasswordHash.matches("correct horsE", stored)).isFalse();
    assertThat(PasswordHash.of("correct horse")).isNotEqualTo(stored);
  }

  @Test
  void matches_storedInAnotherForm_saysSo() {
    assertThatThrownBy(() -> PasswordHash.matches("x", "md5$1$2$3"))
        .isInstanceOf(IllegalStateException.class);
  }
}
