package dev.longshore.cli.standalone;

import dev.longshore.service.DaemonConfig;
import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.HostAndPort;
import java.nio.file.Path;

/** The settings of {@code longshore standalone}; everything else has its daemon's default. */
public record StandaloneConfig(
    @Setting("directory of everything; created when missing") Path data,
    @Setting(value = "where the registry is served", defaultValue = "127.0.0.1:5000")
        HostAndPort listen,
    @Setting(value = "where containerd finds the mirror", defaultValue = "127.0.0.1:7300")
        HostAndPort mirror,
    @Setting(value = "where other agents and seeders connect", defaultValue = "127.0.0.1:7301")
        HostAndPort peer,
    @Setting(value = "where members find the tracker", defaultValue = "127.0.0.1:7100")
        HostAndPort tracker,
    @Setting(value = "where metrics, health and state are served", defaultValue = "127.0.0.1:5009")
        HostAndPort admin)
    implements DaemonConfig {}
