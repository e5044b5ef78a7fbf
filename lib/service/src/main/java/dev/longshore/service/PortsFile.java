package dev.longshore.service;

import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tells a parent process the addresses that a daemon was given: {@code name=host:port} lines. */
public final class PortsFile {

  private PortsFile() {}

  /** Appears whole or not at all. */
  static void write(Path file, Map<String, HostAndPort> addresses) throws IOException {
    var lines = new StringBuilder();
    addresses.forEach((name, at) -> lines.append(name).append('=').append(at).append('\n'));
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, lines);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Reads what a daemon wrote. */
  public static Map<String, HostAndPort> read(Path file) throws IOException {
    var addresses = new LinkedHashMap<String, HostAndPort>();
    for (String line : Files.readAllLines(file)) {
      int equals = line.indexOf('=');
      if (equals < 1) {
        throw new IOException(file + ": expected name=host:port, found \"" + line + '"');
      }
      addresses.put(line.substring(0, equals), HostAndPort.parse(line.substring(equals + 1)));
    }
    return addresses;
  }
}
