package dev.longshore.service;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** Fails a test class whose buffers were collected without having been released. */
public final class LeakWatch implements BeforeAllCallback, AfterAllCallback {

  private final ListAppender<ILoggingEvent> reports = new ListAppender<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    // Daemons run without the detector, by a file of flags that tests start with too.
    if (ResourceLeakDetector.getLevel() != ResourceLeakDetector.Level.PARANOID) {
      throw new AssertionError(
          "leaks are looked for as " + ResourceLeakDetector.getLevel() + ", expected PARANOID");
    }
    provokeReports(); // what earlier classes leaked is not this one's
    reports.start();
    logger().addAppender(reports);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    provokeReports();
    logger().detachAppender(reports);
    List<String> leaks = reports.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    if (!leaks.isEmpty()) {
      throw new AssertionError(leaks.size() + " leaks: " + leaks);
    }
  }

  /** The detector looks at collected buffers when it tracks a new one. */
  private static void provokeReports() {
    for (int i = 0; i < 3; i++) {
      System.gc();
      ByteBufAllocator.DEFAULT.directBuffer(16).release();
      PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
    }
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
  }
}
