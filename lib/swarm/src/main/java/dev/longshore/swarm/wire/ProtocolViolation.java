package dev.longshore.swarm.wire;

/** What is wrong with bytes from the wire; carried without a stack trace, peers may send many. */
final class ProtocolViolation extends Exception {
  private final GoodbyeReason reason;
  private final String detail;

  ProtocolViolation(GoodbyeReason reason, String detail) {
    super(detail, null, false, false);
    this.reason = reason;
    this.detail = detail;
  }

  GoodbyeReason reason() {
    return reason;
  }

  String detail() {
    return detail;
  }
}
