package dev.longshore.bench.transport;

import dev.longshore.service.DaemonConfig;
import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.HostAndPort;
import java.nio.file.Path;

/** How a process that is measured runs. */
record PartConfig(
    @Setting(value = "metrics, health and state", defaultValue = "127.0.0.1:0") HostAndPort admin,
    @Setting(value = "what moves the bytes", defaultValue = "epoll") Way way,
    @Setting(value = "file of pieces", defaultValue = "pieces") Path pieces,
    @Setting(value = "key and certificate, PKCS#12", defaultValue = "keys.p12") Path keys)
    implements DaemonConfig {

  static final HostAndPort ANY_PORT = new HostAndPort("127.0.0.1", 0);
}
