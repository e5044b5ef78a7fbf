package dev.longshore.bench.path;

import dev.longshore.service.DaemonConfig;
import dev.longshore.service.net.RateLimit;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import java.nio.file.Path;
import java.util.Optional;

/** How a member that is measured runs. */
record PathMemberConfig(
    @Setting(value = "where it takes orders", defaultValue = "127.0.0.1:0") HostAndPort control,
    @Setting(value = "where it listens for the other member", defaultValue = "127.0.0.1:0")
        HostAndPort peer,
    @Setting(value = "metrics, health and state", defaultValue = "127.0.0.1:0") HostAndPort admin,
    @Setting("folder of its store") Optional<Path> data,
    @Setting(value = "what moves the bytes", defaultValue = "auto") TransportChoice transport,
    @Setting(value = "most that it receives", defaultValue = "unlimited") RateLimit downloadLimit,
    @Setting("size of the blob") Optional<DataSize> size,
    @Setting(value = "whether it has the blob from the start", defaultValue = "false")
        boolean holds)
    implements DaemonConfig {}
