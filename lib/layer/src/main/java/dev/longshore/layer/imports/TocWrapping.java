package dev.longshore.layer.imports;

import com.github.luben.zstd.ZstdInputStream;
import dev.longshore.layer.tar.MalformedTarException;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.layer.tar.TarParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Gets at the JSON of a TOC: inflates it and, for eStargz, takes it out of its tar archive. */
final class TocWrapping {

  /** Longest JSON that is read. */
  static final int MAX_JSON_BYTES = 128 << 20;

  private static final String JSON_NAME = "stargz.index.json";

  private TocWrapping() {}

  static byte[] unwrap(TocLocation.Wrapping wrapping, byte[] wrapped)
      throws MalformedImportException {
    return switch (wrapping) {
      case GZIP_TAR -> fileOf(inflated(wrapping, wrapped));
      case ZSTD -> inflated(wrapping, wrapped);
    };
  }

  private static byte[] inflated(TocLocation.Wrapping wrapping, byte[] wrapped)
      throws MalformedImportException {
    try (InputStream in = open(wrapping, new ByteArrayInputStream(wrapped))) {
      byte[] inflated = in.readNBytes(MAX_JSON_BYTES + 1);
      if (inflated.length > MAX_JSON_BYTES) {
        throw new MalformedImportException(
            TocJson.WHAT, "at most " + MAX_JSON_BYTES + " bytes", "more");
      }
      return inflated;
    } catch (IOException e) {
      throw new MalformedImportException(TocJson.WHAT, wrapping + " that can be inflated", e);
    }
  }

  private static InputStream open(TocLocation.Wrapping wrapping, InputStream in)
      throws IOException {
    return switch (wrapping) {
      case GZIP_TAR -> new GZIPInputStream(in);
      case ZSTD -> new ZstdInputStream(in);
    };
  }

  private static byte[] fileOf(byte[] archive) throws MalformedImportException {
    List<TarEntry> entries = new ArrayList<>();
    try {
      TarParser parser = new TarParser(entries::add);
      parser.feed(ByteBuffer.wrap(archive));
      parser.finish();
    } catch (MalformedTarException e) {
      throw new MalformedImportException(TocJson.WHAT, "a tar archive with " + JSON_NAME, e);
    }
    TarEntry first = entries.isEmpty() ? null : entries.getFirst();
    if (first == null || !first.path().equals(JSON_NAME) || first.data().size() != 1) {
      throw new MalformedImportException(TocJson.WHAT, JSON_NAME + " first", "another entry");
    }
    Segment json = first.data().getFirst();
    int from = Math.toIntExact(json.streamOffset());
    return Arrays.copyOfRange(archive, from, from + Math.toIntExact(json.length()));
  }
}
