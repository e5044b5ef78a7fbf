package dev.longshore.layer.tree;

/** A reason to refuse the entry at hand, before it is known which one that is. */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1;

  private final String reason;

  Refusal(String reason) {
    super(reason, null, false, false);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
