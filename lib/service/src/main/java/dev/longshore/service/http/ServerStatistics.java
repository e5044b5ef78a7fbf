package dev.longshore.service.http;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counters of one server, cheap enough for every request. */
final class ServerStatistics {

  static final String RESPONSES = "longshore.http.responses";
  static final String BYTES = "longshore.http.response.bytes";
  static final String CONNECTIONS = "longshore.http.connections";

  private final LongAdder[] byClass = new LongAdder[6];
  private final LongAdder bytes = new LongAdder();
  private final AtomicInteger connections = new AtomicInteger();

  ServerStatistics() {
    for (int i = 0; i < byClass.length; i++) {
      byClass[i] = new LongAdder();
    }
  }

  void answered(int status) {
    byClass[Math.clamp(status / 100, 0, 5)].increment();
  }

  void sent(long count) {
    bytes.add(count);
  }

  int opened() {
    return connections.incrementAndGet();
  }

  int closed() {
    return connections.decrementAndGet();
  }

  int connections() {
    return connections.get();
  }

  void bindTo(MeterRegistry registry, String server) {
    for (int i = 1; i < byClass.length; i++) {
      FunctionCounter.builder(RESPONSES, byClass[i], LongAdder::sum)
          .tags("server", server, "class", i + "xx")
          .description("Answers by class of status")
          .register(registry);
    }
    FunctionCounter.builder(BYTES, bytes, LongAdder::sum)
        .tag("server", server)
        .baseUnit("bytes")
        .description("Body bytes handed to the socket")
        .register(registry);
    Gauge.builder(CONNECTIONS, connections, AtomicInteger::get)
        .tag("server", server)
        .description("Open connections")
        .register(registry);
  }
}
