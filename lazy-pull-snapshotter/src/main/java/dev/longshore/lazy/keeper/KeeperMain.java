package dev.longshore.lazy.keeper;

import dev.longshore.lazy.kernel.KernelException;
import dev.longshore.lazy.kernel.Session;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The keeper's process; its one argument is the socket's path. The snapshotter starts it. */
public final class KeeperMain {
  private static final Logger LOG = LoggerFactory.getLogger(KeeperMain.class);

  private KeeperMain() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    try {
      Session.leave();
    } catch (KernelException e) {
      LOG.debug("Started by hand", e); // the first of its group cannot leave it, nor has it to
    }
    try (Keeper keeper = Keeper.open(Path.of(arguments[0]))) {
      LOG.info("Keeping, at {}", arguments[0]);
      keeper.await();
    }
  }
}
