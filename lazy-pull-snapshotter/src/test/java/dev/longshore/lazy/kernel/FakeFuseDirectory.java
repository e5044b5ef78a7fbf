package dev.longshore.lazy.kernel;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Files that all have the bytes of one. */
final class FakeFuseDirectory implements FuseDirectory {
  private final Descriptor source;
  private final Map<Long, File> files = new ConcurrentSkipListMap<>();
  private final Map<String, File> names = new ConcurrentSkipListMap<>();
  final AtomicInteger opened = new AtomicInteger();

  /** Where reads wait for the test; null when they are answered at once. */
  volatile @Nullable BlockingQueue<FuseRead> waiting;

  FakeFuseDirectory(Descriptor source) {
    this.source = source;
  }

  void add(File file) {
    files.put(file.id(), file);
    names.put(file.name(), file);
  }

  void remove(String name) {
    names.remove(name);
  }

  @Override
  public Optional<File> find(String name) {
    return Optional.ofNullable(names.get(name));
  }

  @Override
  public Optional<File> find(long id) {
    return Optional.ofNullable(files.get(id));
  }

  @Override
  public List<File> list() {
    return List.copyOf(names.values());
  }

  @Override
  public boolean open(long id) {
    opened.incrementAndGet();
    return true;
  }

  @Override
  public void release(long id) {
    opened.decrementAndGet();
  }

  @Override
  public void read(FuseRead read) {
    BlockingQueue<FuseRead> queue = waiting;
    if (queue != null) {
      queue.add(read);
      return;
    }
    try {
      read.reply(source, requireNonNull(files.get(read.file())).size());
    } catch (KernelException e) {
      throw new AssertionError(e);
    }
  }
}
