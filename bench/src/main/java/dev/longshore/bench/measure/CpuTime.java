package dev.longshore.bench.measure;

/**
 * CPU time of processes, in seconds.
 *
 * @param user spent in their own code
 * @param system spent in the kernel for them
 */
public record CpuTime(double user, double system) {
  public static final CpuTime NONE = new CpuTime(0, 0);

  public CpuTime plus(CpuTime other) {
    return new CpuTime(user + other.user, system + other.system);
  }

  public CpuTime minus(CpuTime other) {
    return new CpuTime(user - other.user, system - other.system);
  }

  /** Both together. */
  public double all() {
    return user + system;
  }
}
