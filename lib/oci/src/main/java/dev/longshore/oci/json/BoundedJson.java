package dev.longshore.oci.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads JSON objects of bounded size and depth, and writes them. */
public final class BoundedJson {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_NUMBER_LENGTH = 64;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_NUMBER_LENGTH)
                          .build())
                  // Two readers that pick different duplicates see different images: refuse them.
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private BoundedJson() {}

  /**
   * Parses one JSON object in UTF-8.
   *
   * @param bytes the whole document
   * @param maxBytes refuse anything longer
   * @param what names the document in the error
   * @throws MalformedJsonException for anything else
   */
  public static ObjectNode parseObject(byte[] bytes, int maxBytes, String what)
      throws MalformedJsonException {
    if (bytes.length > maxBytes) {
      throw new MalformedJsonException(
          what + " is larger than " + maxBytes + " bytes: found " + bytes.length);
    }
    try {
      // Decoded here because Jackson would also guess UTF-16 and UTF-32 from the bytes.
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      JsonNode node = MAPPER.readTree(text);
      if (node instanceof ObjectNode object) {
        return object;
      }
      throw new MalformedJsonException(what + " is not a JSON object");
    } catch (CharacterCodingException e) {
      throw new MalformedJsonException(what + " is not UTF-8", e);
    } catch (JacksonException e) {
      throw new MalformedJsonException(what + " is not valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** An empty object to fill. */
  public static ObjectNode newObject() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** The object in UTF-8 without white space, fields in the order they were set. */
  public static byte[] write(ObjectNode object) {
    return MAPPER.writeValueAsBytes(object);
  }
}
