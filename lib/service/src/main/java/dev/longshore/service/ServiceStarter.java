package dev.longshore.service;

import io.micrometer.core.instrument.MeterRegistry;

/** Starts a component from its settings. */
@FunctionalInterface
public interface ServiceStarter<C> {

  /**
   * Starts it; its addresses are bound when this returns.
   *
   * @param metrics scraped at the admin endpoint
   * @throws StartFailedException with one line for the operator; {@link
   *     dev.longshore.service.net.ListenFailedException} is shown in the same way
   */
  Service start(C config, MeterRegistry metrics) throws Exception;
}
