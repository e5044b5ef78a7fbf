package dev.longshore.layer.tar;

import dev.longshore.layer.RawText;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Parses a tar stream as it arrives, in chunks of any size, and never looks at what files hold.
 *
 * <p>Reads v7, ustar, PAX and GNU archives with long names, extended attributes and sparse files of
 * every version. Where writers and readers disagree it does what Go's archive/tar and containerd
 * do, for that is what users of images know, with two exceptions: a global PAX header tells of all
 * entries after it, and types 7, D and V are read as GNU tar reads them.
 *
 * <p>Not for several threads. After an exception, from here or from the consumer, it is of no use.
 */
public final class TarParser {

  /*
   * A stream is blocks of 512 bytes, and a step of the parser needs either one block or the body of
   * an extended header. So there is one loop: skip what is to be skipped, else gather what the step
   * needs, then take it. Bytes of files are only ever skipped, which is an addition a chunk.
   *
   * Entry:   [g] [x] [L] [K] header [sparse blocks] [map in data] data, padding
   */

  /** Most bytes of a GNU long name or link target; a path longer than Linux has fails later. */
  static final int MAX_NAME_BYTES = 1 << 20;

  private enum Step {
    HEADER,
    EXTENDED_HEADER,
    SPARSE_MAP,
    SECOND_ZERO_BLOCK,
    ENDED
  }

  private final Consumer<TarEntry> entries;
  private final HeaderBlock block = new HeaderBlock();

  private Step step = Step.HEADER;
  private byte[] gathered = block.bytes();
  private int have;
  private long position;
  private long skip;
  private long dataEnd;

  private char extendedType;
  private PaxRecords global = PaxRecords.NONE;
  private @Nullable PaxRecords pax;
  private @Nullable String longPath;
  private @Nullable String longTarget;
  private @Nullable SparseFile sparse;

  /**
   * A parser at the start of a stream.
   *
   * @param entries is given each entry when its headers are whole, before its data arrives
   */
  public TarParser(Consumer<TarEntry> entries) {
    this.entries = entries;
  }

  /** Bytes of the stream that were fed. */
  public long position() {
    return position;
  }

  /** Whether the two blocks of zeros that end an archive have been seen; all after is ignored. */
  public boolean ended() {
    return step == Step.ENDED;
  }

  /** Parses the next bytes of the stream, all that the buffer has. */
  public void feed(ByteBuffer chunk) throws MalformedTarException {
    while (chunk.hasRemaining()) {
      if (step == Step.ENDED) {
        skip = Long.MAX_VALUE;
      }
      if (skip > 0) {
        int length = (int) Math.min(skip, chunk.remaining());
        chunk.position(chunk.position() + length);
        skip -= length;
        position += length;
      } else {
        int length = Math.min(gathered.length - have, chunk.remaining());
        chunk.get(gathered, have, length);
        have += length;
        position += length;
        if (have == gathered.length) {
          have = 0;
          take();
        }
      }
    }
  }

  /**
   * Says that the stream has ended.
   *
   * <p>It may end after two blocks of zeros or one, and without any after an entry, even within the
   * padding of the last file.
   */
  public void finish() throws MalformedTarException {
    if (step == Step.ENDED || (step == Step.SECOND_ZERO_BLOCK && have == 0)) {
      return;
    }
    if (position < dataEnd) {
      throw new MalformedTarException(
          position, "data of a file up to offset " + dataEnd, "the end of the stream");
    }
    if (step != Step.HEADER || have > 0) {
      throw new MalformedTarException(
          position, (gathered.length - have) + " more bytes of a header", "the end of the stream");
    }
    if (pax != null || longPath != null || longTarget != null) {
      throw new MalformedTarException(
          position, "the entry that an extended header tells of", "the end of the stream");
    }
  }

  private void take() throws MalformedTarException {
    switch (step) {
      case HEADER -> takeHeader();
      case EXTENDED_HEADER -> takeExtendedHeader();
      case SPARSE_MAP -> takeSparseMap();
      case SECOND_ZERO_BLOCK -> takeSecondZeroBlock();
      case ENDED -> throw new IllegalStateException("nothing is gathered after the end");
    }
  }

  private void takeHeader() throws MalformedTarException {
    if (block.isZero()) {
      step = Step.SECOND_ZERO_BLOCK;
      return;
    }
    block.open(position - HeaderBlock.BYTES);
    switch (block.type()) {
      case 'x', 'g' -> gatherExtendedHeader(PaxRecords.MAX_BYTES);
      case 'L', 'K' -> gatherExtendedHeader(MAX_NAME_BYTES);
      case 'V' -> takeVolumeLabel();
      default -> takeEntry();
    }
  }

  private void takeSecondZeroBlock() throws MalformedTarException {
    if (!block.isZero()) {
      throw new MalformedTarException(
          position - HeaderBlock.BYTES, "a second block of zeros", "another block");
    }
    step = Step.ENDED;
  }

  private void gatherExtendedHeader(int most) throws MalformedTarException {
    long size = block.size();
    if (size < 0 || size > most) {
      throw new MalformedTarException(
          block.offset(),
          "an extended header (type %c) of at most %d bytes".formatted(block.type(), most),
          size + " bytes");
    }
    extendedType = block.type();
    gathered = new byte[(int) size];
    step = Step.EXTENDED_HEADER;
    if (size == 0) {
      takeExtendedHeader();
    }
  }

  private void takeExtendedHeader() throws MalformedTarException {
    byte[] body = gathered;
    long offset = position - body.length;
    switch (extendedType) {
      case 'x' -> pax = PaxRecords.parse(body, offset);
      case 'g' -> global = PaxRecords.parse(body, offset).overGlobal(global, offset);
      case 'L' -> longPath = upToNul(body);
      default -> longTarget = upToNul(body);
    }
    gathered = block.bytes();
    step = Step.HEADER;
    skip = padding(body.length);
  }

  private static String upToNul(byte[] body) {
    String text = RawText.of(body);
    int nul = text.indexOf('\0');
    return nul < 0 ? text : text.substring(0, nul);
  }

  private void takeEntry() throws MalformedTarException {
    PaxRecords records = pax == null ? global : pax.over(global);
    EntryHeaders headers = EntryHeaders.of(block, records, longPath, longTarget);
    forgetExtendedHeaders();
    if (block.type() == 'S') {
      takeSparseFile(SparseFile.ofOldGnu(headers, block));
      return;
    }
    Sparseness sparseness = Sparseness.of(records, block.offset());
    if (sparseness == Sparseness.NONE) {
      skipData(headers.storedSize());
      entries.accept(headers.entry(position));
    } else {
      takeSparseFile(SparseFile.ofPax(headers, sparseness, records));
    }
  }

  private void takeSparseFile(SparseFile file) throws MalformedTarException {
    if (file.isMapped()) {
      sparse = null;
      step = Step.HEADER;
      skipData(file.storedSize());
      entries.accept(file.entry(position));
    } else {
      sparse = file;
      step = Step.SPARSE_MAP;
    }
  }

  private void takeSparseMap() throws MalformedTarException {
    SparseFile file = Objects.requireNonNull(sparse);
    file.read(block);
    takeSparseFile(file);
  }

  private void takeVolumeLabel() throws MalformedTarException {
    forgetExtendedHeaders();
    skipData(Math.max(0, block.size()));
  }

  private void forgetExtendedHeaders() {
    pax = null;
    longPath = null;
    longTarget = null;
  }

  private void skipData(long length) throws MalformedTarException {
    if (length > Long.MAX_VALUE - position - HeaderBlock.BYTES) {
      throw new MalformedTarException(
          block.offset(), "a stream of less than 2^63 bytes", length + " bytes more");
    }
    dataEnd = position + length;
    skip = length + padding(length);
  }

  private static long padding(long length) {
    return -length & (HeaderBlock.BYTES - 1);
  }
}
