package dev.longshore.cli.doctor;

/**
 * What was found out about one thing.
 *
 * @param check short name of the thing
 * @param state how it is
 * @param found what was seen
 * @param advice what to do about it; empty when there is nothing to do
 */
public record Finding(String check, State state, String found, String advice) {

  /** How a thing is. */
  public enum State {
    OK,

    /** Not there, and nothing that is needed misses it. */
    ABSENT,

    /** Needed, and could not be tried. */
    UNTRIED,

    /** Needed, and does not work. */
    FAILED
  }

  static Finding ok(String check, String found) {
    return new Finding(check, State.OK, found, "");
  }

  static Finding absent(String check, String found, String advice) {
    return new Finding(check, State.ABSENT, found, advice);
  }

  static Finding untried(String check, String found) {
    return new Finding(check, State.UNTRIED, found, "run this as root");
  }

  static Finding failed(String check, String found, String advice) {
    return new Finding(check, State.FAILED, found, advice);
  }

  /** Whether something that is needed is not known to work. */
  public boolean isTrouble() {
    return state == State.UNTRIED || state == State.FAILED;
  }
}
