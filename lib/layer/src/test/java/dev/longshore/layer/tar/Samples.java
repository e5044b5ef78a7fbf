package dev.longshore.layer.tar;

import static dev.longshore.layer.tar.TarBuilder.record;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.longshore.layer.tar.TarBuilder.Header;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Small archives that between them have all that the parser knows. */
final class Samples {
  private Samples() {}

  /** An archive of every kind of header. */
  static byte[] everything() {
    TarBuilder tar = new TarBuilder();
    parts().forEach(part -> tar.bytes(part.toBytes()));
    return tar.end().toBytes();
  }

  /** Where in that archive an archive may end: after each entry and each block of zeros. */
  static List<Integer> ends() {
    List<Integer> ends = new ArrayList<>(List.of(0));
    for (TarBuilder part : parts()) {
      ends.add(ends.getLast() + part.length());
    }
    ends.add(ends.getLast() + 512);
    ends.add(ends.getLast() + 512);
    return ends;
  }

  private static List<TarBuilder> parts() {
    byte[] map = Arrays.copyOf("2\n0\n1\n10\n2\n".getBytes(ISO_8859_1), 515);
    Header oldSparse = Header.gnu("s", 'S').octal(386, 12, 4).octal(398, 12, 3);
    return List.of(
        new TarBuilder().header(Header.v7("v7/", '\0')),
        new TarBuilder().file(Header.ustar("f", '0'), new byte[700]),
        new TarBuilder().pax('g', record("mtime", "1.5") + record("comment", "c".repeat(486))),
        new TarBuilder()
            .pax(Map.of("path", "p", "SCHILY.xattr.user.a", "\0", "LIBARCHIVE.xattr.b", "AA=="))
            .header(Header.ustar("l", '2').target("t")),
        new TarBuilder()
            .file(Header.gnu("L", 'L'), "long\0".getBytes(ISO_8859_1))
            .file(Header.gnu("K", 'K'), "target\0".getBytes(ISO_8859_1))
            .header(Header.gnu("h", '1').base256(108, 8, 70_000)),
        new TarBuilder()
            .header(oldSparse.text(482, 1, "\1").octal(483, 12, 9).size(3))
            .bytes(new byte[512])
            .data(new byte[3]),
        new TarBuilder()
            .pax(
                'x',
                record("GNU.sparse.offset", "1")
                    + record("GNU.sparse.numbytes", "2")
                    + record("GNU.sparse.size", "5"))
            .file(Header.ustar("s00", '0'), new byte[2]),
        new TarBuilder()
            .pax(
                'x',
                record("GNU.sparse.major", "1")
                    + record("GNU.sparse.minor", "0")
                    + record("GNU.sparse.realsize", "99"))
            .file(Header.ustar("s10", '0'), map),
        new TarBuilder().header(Header.ustar("c", '3').octal(329, 8, 1)));
  }
}
