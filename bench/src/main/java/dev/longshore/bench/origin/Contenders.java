package dev.longshore.bench.origin;

import dev.longshore.bench.content.TestImage;
import dev.longshore.bench.measure.ServerProcess;
import dev.longshore.bench.measure.Tools;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Starts the three servers, each with its data in a folder of its own and the content in it. */
final class Contenders {
  private Contenders() {}

  static Contender ours(Path folder, TestImage content) throws IOException, InterruptedException {
    ServerProcess process =
        ServerProcess.startDaemon(
            "origin",
            "origin",
            "dev.longshore.origin.OriginMain",
            folder,
            List.of(
                "--listen", "127.0.0.1:0",
                "--admin", "127.0.0.1:0",
                "--data", folder.resolve("origin").toString()));
    return pushed("longshore", process, () -> process.address("listen"), content);
  }

  static Contender distribution(Path folder, TestImage content)
      throws IOException, InterruptedException {
    int port = ServerProcess.freePort();
    Path settings =
        Files.writeString(
            folder.resolve("distribution.yml"),
            """
            version: 0.1
            log:
              accesslog:
                disabled: true
              level: error
            storage:
              filesystem:
                rootdirectory: %s
              cache:
                blobdescriptor: inmemory
            http:
              addr: 127.0.0.1:%d
            """
                .formatted(folder.resolve("distribution"), port));
    ServerProcess process =
        ServerProcess.start(
            "distribution",
            folder,
            List.of(Tools.DISTRIBUTION.path().toString(), "serve", settings.toString()));
    return pushed(
        "distribution",
        process,
        () -> {
          process.awaitPort(port);
          return new HostAndPort("127.0.0.1", port);
        },
        content);
  }

  static Contender nginx(Path folder, TestImage content) throws IOException, InterruptedException {
    int port = ServerProcess.freePort();
    Path root = Files.createDirectories(folder.resolve("nginx"));
    content.write(root);
    Path settings =
        Files.writeString(
            folder.resolve("nginx.conf"),
            """
            daemon off;
            worker_processes auto;
            pid %1$s/nginx.pid;
            error_log %1$s/nginx-error.log;
            events { worker_connections 1024; }
            http {
              access_log off;
              sendfile on;
              tcp_nopush on;
              keepalive_requests 1000000000;
              client_body_temp_path %1$s/body;
              proxy_temp_path %1$s/proxy;
              fastcgi_temp_path %1$s/fastcgi;
              uwsgi_temp_path %1$s/uwsgi;
              scgi_temp_path %1$s/scgi;
              server {
                listen 127.0.0.1:%2$d backlog=1024;
                root %3$s;
                location ~ /manifests/ {
                  default_type application/vnd.oci.image.manifest.v1+json;
                }
              }
            }
            """
                .formatted(folder, port, root));
    openToWorkers(folder);
    ServerProcess process =
        ServerProcess.start(
            "nginx",
            folder,
            List.of(
                Tools.NGINX.path().toString(), "-p", folder.toString(), "-c", settings.toString()));
    try {
      process.awaitPort(port);
      URI base = URI.create("http://127.0.0.1:" + port);
      return new Contender("nginx", process, base, content.manifestPath(), content.layerPath());
    } catch (IOException | InterruptedException e) {
      process.close();
      throw e;
    }
  }

  /** nginx started by root serves as another user, who must be able to look into our folder. */
  private static void openToWorkers(Path folder) {
    if (!folder.toFile().setExecutable(true, false)) {
      throw new IllegalStateException("cannot open " + folder + " to others");
    }
  }

  private interface Address {
    HostAndPort get() throws IOException, InterruptedException;
  }

  private static Contender pushed(
      String name, ServerProcess process, Address address, TestImage content)
      throws IOException, InterruptedException {
    try {
      URI base = URI.create("http://" + address.get());
      content.push(base);
      return new Contender(name, process, base, content.manifestPath(), content.layerPath());
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.close();
      throw e;
    }
  }
}
