package dev.longshore.cli.doctor;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of Linux, as {@code uname -r} begins. */
record KernelVersion(int major, int minor) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");

  /** Version 0.0 when it cannot be told. */
  static KernelVersion parse(String release) {
    Matcher matcher = FORM.matcher(release);
    return matcher.matches()
        ? new KernelVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)))
        : new KernelVersion(0, 0);
  }

  boolean isAtLeast(int otherMajor, int otherMinor) {
    return major > otherMajor || (major == otherMajor && minor >= otherMinor);
  }
}
