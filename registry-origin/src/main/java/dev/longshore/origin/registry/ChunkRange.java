package dev.longshore.origin.registry;

import dev.longshore.oci.OciError;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Content-Range of an upload's chunk, {@code first-last}: unlike HTTP's it has neither unit nor
 * total (distribution-spec, "Pushing a blob in chunks").
 *
 * @param first offset of the first byte
 * @param last offset of the last byte, inclusive
 */
public record ChunkRange(long first, long last) {
  // 18 digits fit a long whatever they are.
  private static final Pattern FORM = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})");

  /** Reads the header. */
  public static ChunkRange parse(String header) throws RegistryException {
    Matcher matcher = FORM.matcher(header);
    if (matcher.matches()) {
      long first = Long.parseLong(matcher.group(1));
      long last = Long.parseLong(matcher.group(2));
      if (first <= last) {
        return new ChunkRange(first, last);
      }
    }
    throw new RegistryException(
        OciError.BLOB_UPLOAD_INVALID,
        "Content-Range must be <first>-<last>, both inclusive, as in 0-1023");
  }

  /** Bytes in the chunk. */
  public long length() {
    return last - first + 1;
  }
}
