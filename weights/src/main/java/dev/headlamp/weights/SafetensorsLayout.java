package dev.headlamp.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where each tensor of a file to be written goes: as in the reference implementation, wide dtypes
 * first so that every element is aligned, then by name.
 */
final class SafetensorsLayout {

  private static final int ALIGNMENT = 8;
  private static final JsonFactory FACTORY = new JsonFactory();

  private static final Comparator<TensorSpec> FILE_ORDER =
      Comparator.comparing(TensorSpec::dtype).thenComparing(TensorSpec::name);

  private final Map<String, TensorInfo> tensors;
  private final byte[] prefix;

  /**
   * @param target the file to be written, for messages
   * @throws IllegalArgumentException if a name is taken twice or reserved, a string is not valid
   *     Unicode, or the file would be beyond what {@link SafetensorsFile} reads
   */
  SafetensorsLayout(Path target, Collection<TensorSpec> specs, Map<String, String> metadata) {
    this.tensors = place(specs);
    byte[] header = padded(utf8(json(metadata)));
    requireReadable(target, header);
    this.prefix =
        ByteBuffer.allocate(Long.BYTES + header.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .array();
  }

  /** Returns the file's first bytes: the header and its length. The tensors' bytes follow. */
  ByteBuffer prefix() {
    return ByteBuffer.wrap(prefix).asReadOnlyBuffer();
  }

  /** Returns the tensors by name, in the order of the file. */
  Map<String, TensorInfo> tensors() {
    return tensors;
  }

  private static Map<String, TensorInfo> place(Collection<TensorSpec> specs) {
    List<TensorSpec> inFileOrder = new ArrayList<>(specs);
    inFileOrder.sort(FILE_ORDER);
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    long begin = 0;
    for (TensorSpec spec : inFileOrder) {
      if (spec.name().equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException("a tensor cannot be named " + spec.name());
      }
      long end = end(begin, spec);
      TensorInfo info = new TensorInfo(spec.name(), spec.dtype().name(), spec.shape(), begin, end);
      if (tensors.put(spec.name(), info) != null) {
        throw new IllegalArgumentException("tensor " + spec.name() + " is there twice");
      }
      begin = end;
    }
    return tensors;
  }

  private static long end(long begin, TensorSpec spec) {
    try {
      long bytes = Math.multiplyExact(TensorInfo.product(spec.shape()), spec.dtype().width());
      return Math.addExact(begin, bytes);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "tensor " + spec.name() + ": shape " + spec.shape() + " makes a file over 2^63 bytes", e);
    }
  }

  private String json(Map<String, String> metadata) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (var entry : new TreeMap<>(metadata).entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      for (TensorInfo tensor : tensors.values()) {
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", tensor.dtype());
        json.writeFieldName("shape");
        json.writeArray(tensor.dimensions(), 0, tensor.shape().size());
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {tensor.begin(), tensor.end()}, 0, 2);
        json.writeEndObject();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return text.toString();
  }

  private static byte[] padded(byte[] utf8) {
    int padding = Math.floorMod(-utf8.length, ALIGNMENT);
    byte[] header = Arrays.copyOf(utf8, utf8.length + padding);
    Arrays.fill(header, utf8.length, header.length, (byte) ' ');
    return header;
  }

  private void requireReadable(Path target, byte[] header) {
    if (header.length > SafetensorsFile.MAX_HEADER_BYTES) {
      throw new IllegalArgumentException(
          "the header takes %d bytes, the format allows %d"
              .formatted(header.length, SafetensorsFile.MAX_HEADER_BYTES));
    }
    long dataLength = tensors.values().stream().mapToLong(TensorInfo::bytes).sum();
    try {
      SafetensorsHeader.parse(target, header, dataLength);
    } catch (IOException e) {
      throw new IllegalArgumentException("the file could not be read back: " + e.getMessage(), e);
    }
  }

  private static byte[] utf8(String json) {
    try {
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(json));
      byte[] utf8 = new byte[encoded.remaining()];
      encoded.get(utf8);
      return utf8;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a name or metadata string is not valid Unicode", e);
    }
  }
}
