package dev.longshore.lazy.snapshot;

import java.util.List;

/**
 * One mount that containerd is to make, as for mount(8).
 *
 * @param type {@code bind} or {@code overlay}
 * @param options as in fstab(5), one each
 */
public record Mount(String type, String source, List<String> options) {
  public Mount {
    options = List.copyOf(options);
  }
}
