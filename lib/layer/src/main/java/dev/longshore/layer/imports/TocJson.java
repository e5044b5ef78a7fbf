package dev.longshore.layer.imports;

import dev.longshore.layer.RawText;
import java.util.function.LongConsumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the JSON of a TOC, entry by entry: {@code {"version": 1, "entries": [...]}}
 * (stargz-snapshotter, docs/estargz.md; containers/storage, pkg/chunked). Fields that it does not
 * know are skipped.
 */
final class TocJson {
  static final String WHAT = "TOC";

  /** Most entries and chunks of a TOC. */
  static final int MAX_ENTRIES = 1 << 20;

  /** Longest string: an extended attribute of 64 KiB in base64. */
  private static final int MAX_STRING = 90_000;

  private static final int MAX_DEPTH = 16;
  private static final int MAX_NUMBER = 20;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(MAX_STRING)
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /** Takes entries one by one. */
  interface Sink {
    void accept(TocEntry entry) throws MalformedImportException;
  }

  private final JsonParser json;
  private final Sink sink;
  private int entries;

  private TocJson(JsonParser json, Sink sink) {
    this.json = json;
    this.sink = sink;
  }

  /** Reads a whole document. */
  static void read(byte[] document, Sink sink) throws MalformedImportException {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), document)) {
      new TocJson(parser, sink).document();
    } catch (JacksonException e) {
      throw new MalformedImportException(WHAT, "JSON with values of their types", e);
    }
  }

  private void document() throws MalformedImportException {
    expect(json.nextToken(), JsonToken.START_OBJECT);
    boolean versioned = false;
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      if (field.equals("version")) {
        expect(value, JsonToken.VALUE_NUMBER_INT);
        versioned = json.getLongValue() == 1;
      } else if (field.equals("entries") && value != JsonToken.VALUE_NULL) {
        expect(value, JsonToken.START_ARRAY);
        entries();
      } else {
        json.skipChildren();
      }
    }
    expect(json.currentToken(), JsonToken.END_OBJECT);
    if (!versioned) {
      throw new MalformedImportException(WHAT, "version 1", "another or none");
    }
  }

  private void entries() throws MalformedImportException {
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(json.currentToken(), JsonToken.START_OBJECT);
      if (++entries > MAX_ENTRIES) {
        throw new MalformedImportException(WHAT, "at most " + MAX_ENTRIES + " entries", "more");
      }
      TocEntry entry = new TocEntry();
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        field(entry, json.currentName());
      }
      expect(json.currentToken(), JsonToken.END_OBJECT);
      sink.accept(entry);
    }
  }

  private void field(TocEntry entry, String name) throws MalformedImportException {
    if (json.nextToken() == JsonToken.VALUE_NULL) {
      return;
    }
    switch (name) {
      case "name" -> entry.name = raw();
      case "type" -> entry.type = string();
      case "linkName" -> entry.linkName = raw();
      case "modtime" -> entry.modtime = string();
      case "digest" -> entry.digest = string();
      case "chunkDigest" -> entry.chunkDigest = string();
      case "chunkType" -> entry.chunkType = string();
      case "size" -> number(value -> entry.size = value);
      case "mode" -> number(value -> entry.mode = value);
      case "uid" -> number(value -> entry.uid = value);
      case "gid" -> number(value -> entry.gid = value);
      case "devMajor" -> number(value -> entry.devMajor = value);
      case "devMinor" -> number(value -> entry.devMinor = value);
      case "offset" -> number(value -> entry.offset = value);
      case "endOffset" -> number(value -> entry.endOffset = value);
      case "innerOffset" -> number(value -> entry.innerOffset = value);
      case "chunkOffset" -> number(value -> entry.chunkOffset = value);
      case "chunkSize" -> number(value -> entry.chunkSize = value);
      case "xattrs" -> xattrs(entry);
      default -> json.skipChildren();
    }
  }

  private void xattrs(TocEntry entry) throws MalformedImportException {
    expect(json.currentToken(), JsonToken.START_OBJECT);
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = RawText.ofUtf8(json.currentName());
      JsonToken value = json.nextToken();
      // Go writes an empty value of bytes as null.
      boolean none = value == JsonToken.VALUE_NULL;
      entry.xattrs.put(name, none ? "" : RawText.of(json.getBinaryValue()));
    }
    expect(json.currentToken(), JsonToken.END_OBJECT);
  }

  private String raw() throws MalformedImportException {
    return RawText.ofUtf8(string());
  }

  private String string() throws MalformedImportException {
    expect(json.currentToken(), JsonToken.VALUE_STRING);
    return json.getString();
  }

  private void number(LongConsumer taker) throws MalformedImportException {
    expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT);
    taker.accept(json.getLongValue());
  }

  private static void expect(JsonToken found, JsonToken expected) throws MalformedImportException {
    if (found != expected) {
      throw new MalformedImportException(WHAT, String.valueOf(expected), String.valueOf(found));
    }
  }
}
