package dev.longshore.lazy.keeper;

import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.kernel.PassingSocket;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What keeper and snapshotter say to each other. Versions differ after an upgrade: see VERSION. */
sealed interface Message {

  /** Raised when a message changes; a keeper of another version serves on until it is restarted. */
  int VERSION = 2;

  /** The keeper's first word: its version and how many devices it holds, each told next. */
  record Hello(int version, int devices) implements Message {}

  /** The keeper holds this device, at this path; its early descriptor comes with the message. */
  record Holding(String device, DeviceKind kind, Path path) implements Message {}

  /** The keeper could not do what was asked for this device. */
  record Failed(String device, String reason) implements Message {}

  /** Somebody waits to read a range of a device. */
  record Read(long id, String device, long offset, long count) implements Message {}

  /** The snapshotter asks to hold a device: its data file and the table of what is filled. */
  record Hold(String device, DeviceKind kind, Path data, Path table) implements Message {}

  /** The snapshotter asks to let go of a device, which is complete or mounted no more. */
  record Release(String device) implements Message {}

  /** The keeper has let go. */
  record Released(String device) implements Message {}

  /** The reader may go on. */
  record Allow(long id) implements Message {}

  /** The reader gets an error. */
  record Refuse(long id) implements Message {}

  /** The snapshotter stops for good: a keeper that holds nothing ends. */
  record Exit() implements Message {}

  /**
   * As bytes: a code, then its parts in order; a text is its length as u16 and UTF-8, a kind one
   * byte.
   */
  default ByteBuffer encode() {
    ByteBuffer out = ByteBuffer.allocate(PassingSocket.MAX_BYTES);
    switch (this) {
      case Hello(int version, int devices) -> out.put((byte) 1).putInt(version).putInt(devices);
      case Holding(String device, DeviceKind kind, Path path) ->
          text(kind(text(out.put((byte) 2), device), kind), path.toString());
      case Failed(String device, String reason) ->
          text(text(out.put((byte) 3), device), shortened(reason));
      case Read(long id, String device, long offset, long count) ->
          text(out.put((byte) 4).putLong(id), device).putLong(offset).putLong(count);
      case Hold(String device, DeviceKind kind, Path data, Path table) ->
          text(
              text(kind(text(out.put((byte) 5), device), kind), data.toString()), table.toString());
      case Release(String device) -> text(out.put((byte) 6), device);
      case Released(String device) -> text(out.put((byte) 7), device);
      case Allow(long id) -> out.put((byte) 8).putLong(id);
      case Refuse(long id) -> out.put((byte) 9).putLong(id);
      case Exit() -> out.put((byte) 10);
    }
    return out.flip();
  }

  /**
   * What these bytes say.
   *
   * @throws IllegalArgumentException if they are no message
   */
  static Message decode(ByteBuffer in) {
    try {
      byte code = in.get();
      return switch (code) {
        case 1 -> new Hello(in.getInt(), in.getInt());
        case 2 -> new Holding(text(in), kind(in), Path.of(text(in)));
        case 3 -> new Failed(text(in), text(in));
        case 4 -> new Read(in.getLong(), text(in), in.getLong(), in.getLong());
        case 5 -> new Hold(text(in), kind(in), Path.of(text(in)), Path.of(text(in)));
        case 6 -> new Release(text(in));
        case 7 -> new Released(text(in));
        case 8 -> new Allow(in.getLong());
        case 9 -> new Refuse(in.getLong());
        case 10 -> new Exit();
        default -> throw new IllegalArgumentException("no message has code " + code);
      };
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("a message ends in the middle", e);
    }
  }

  private static ByteBuffer text(ByteBuffer out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return out.putShort((short) bytes.length).put(bytes);
  }

  private static String text(ByteBuffer in) {
    byte[] bytes = new byte[Short.toUnsignedInt(in.getShort())];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static ByteBuffer kind(ByteBuffer out, DeviceKind kind) {
    return out.put(
        switch (kind) {
          case FANOTIFY -> (byte) 1;
          case FUSE -> (byte) 2;
          case PLAIN -> (byte) 3;
        });
  }

  private static DeviceKind kind(ByteBuffer in) {
    byte code = in.get();
    return switch (code) {
      case 1 -> DeviceKind.FANOTIFY;
      case 2 -> DeviceKind.FUSE;
      case 3 -> DeviceKind.PLAIN;
      default -> throw new IllegalArgumentException("no kind of device has code " + code);
    };
  }

  private static String shortened(String reason) {
    return reason.length() <= 1000 ? reason : reason.substring(0, 1000);
  }
}
