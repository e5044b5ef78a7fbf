package dev.longshore.swarm;

/**
 * Where a blob comes from, as image references name it.
 *
 * @param registry host and port, as in {@code docker.io} or {@code 127.0.0.1:5000}
 * @param repository as in {@code library/nginx}
 */
public record SourceRef(String registry, String repository) {
  @Override
  public String toString() {
    return registry + "/" + repository;
  }
}
