package dev.longshore.swarm.member;

import dev.longshore.service.DaemonConfig;
import dev.longshore.service.net.RateLimit;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The settings that every member of a swarm has. */
public interface MemberConfig extends DaemonConfig {
  /** The trackers; without any, the member knows nobody. */
  List<HostAndPort> tracker();

  /** Registries by the name that image references have. */
  Map<String, URI> upstream();

  /** Where it listens for other members. */
  HostAndPort peer();

  /** The host that others reach {@link #peer} at, when it is not the one they would see. */
  Optional<String> advertise();

  /** The folder of its store and its state. */
  Path data();

  /** {@code REGION/ZONE/RACK}, or empty. */
  String zone();

  RateLimit uploadLimit();

  RateLimit downloadLimit();

  /** Most bytes of blobs to keep; without it, what the disk has. */
  Optional<DataSize> quota();

  TransportChoice transport();
}
