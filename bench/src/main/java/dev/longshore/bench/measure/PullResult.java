package dev.longshore.bench.measure;

import java.util.List;

/**
 * What one swarm needed for one blob.
 *
 * @param seconds until each member had all of it
 * @param cpu of all members together, without whoever had the blob before
 * @param peakMemory largest resident memory of any member since it started, bytes
 */
public record PullResult(List<Double> seconds, CpuTime cpu, long peakMemory) {

  /** Until the last member had all of it. */
  public double last() {
    return seconds.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
  }

  public double median() {
    Samples all = new Samples();
    seconds.forEach(all::add);
    return all.median();
  }

  /** CPU seconds for each GiB that a member received, whatever it sent meanwhile. */
  public double cpuPerGibibyte(long size) {
    return cpu.all() / gibibytes(size);
  }

  /** The same without the kernel. */
  public double userPerGibibyte(long size) {
    return cpu.user() / gibibytes(size);
  }

  private double gibibytes(long size) {
    return seconds.size() * (double) size / (1L << 30);
  }
}
