package dev.longshore.oci.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The content of a blob to push, readable again from any offset after a cut. */
public interface BlobSource {

  /** Size of the whole blob in bytes. */
  long size();

  /** The content from this offset to its end; the caller closes it. */
  InputStream open(long offset) throws IOException;

  /** A file, which must not change meanwhile. */
  static BlobSource ofFile(Path file) throws IOException {
    long size = Files.size(file);
    return new BlobSource() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public InputStream open(long offset) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        channel.position(offset);
        return Channels.newInputStream(channel);
      }
    };
  }

  /** Bytes in memory. */
  static BlobSource ofBytes(byte[] bytes) {
    byte[] content = bytes.clone();
    return new BlobSource() {
      @Override
      public long size() {
        return content.length;
      }

      @Override
      public InputStream open(long offset) {
        int from = Math.toIntExact(offset);
        return new ByteArrayInputStream(content, from, content.length - from);
      }
    };
  }
}
