package dev.longshore.bench.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.longshore.bench.measure.ServerProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link StoreOwner} in a process of its own, with the flags of an agent. */
final class OwnerProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader lines;
  private final PrintStream orders;
  private final double[] opened;
  private final double startedAndOpened;

  private OwnerProcess(Process process, long start) throws IOException {
    this.process = process;
    this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    this.orders = new PrintStream(process.getOutputStream(), true, UTF_8);
    this.opened = answer("opened");
    this.startedAndOpened = (System.nanoTime() - start) / 1e6;
  }

  /** Starts it, and waits until it has the store open. */
  static OwnerProcess start(Path root) throws IOException {
    List<String> command = new ArrayList<>(ServerProcess.java("agent", StoreOwner.class.getName()));
    command.add(root.toString());
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try {
      return new OwnerProcess(process, start);
    } catch (IOException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** How long the store took to open, in milliseconds. */
  double openMillis() {
    return opened[0];
  }

  /** How much larger the process was after it, in MiB. */
  double openMebibytes() {
    return opened[1] / 1024;
  }

  /** From before the process was started until it had the store open, in milliseconds. */
  double startMillis() {
    return startedAndOpened;
  }

  /** Has an order carried out; the answer begins with this word, and its figures are returned. */
  double[] order(String order, String word) throws IOException {
    orders.println(order);
    return answer(word);
  }

  private double[] answer(String word) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ", -1);
      if (words[0].equals(word)) {
        double[] figures = new double[words.length - 1];
        for (int i = 0; i < figures.length; i++) {
          figures[i] = Double.parseDouble(words[i + 1]);
        }
        return figures;
      }
    }
    throw new IOException("the process ended before it said '" + word + "'");
  }

  /** SIGKILL; returns when it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    orders.close();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
