package dev.headlamp.weights;

import static java.util.Comparator.comparingLong;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The header of a safetensors file, checked against the length of the data behind it.
 *
 * @param metadata the free-form strings under {@code __metadata__}
 * @param tensors what the header says of each tensor, by name
 */
record SafetensorsHeader(Map<String, String> metadata, SortedMap<String, TensorInfo> tensors) {

  static final String METADATA = "__metadata__";

  /** ND4J's limit. */
  private static final int MAX_RANK = 32;

  /**
   * Each entry takes some hundreds of bytes once it is read, many times its length in the file. The
   * largest models have tens of thousands of tensors, spread over many files.
   */
  private static final int MAX_ENTRIES = 100_000;

  private static final String HEADER = "header";

  SafetensorsHeader {
    metadata = Map.copyOf(metadata);
    tensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors));
  }

  /**
   * Parses a header.
   *
   * @param file the file it comes from, for messages
   * @param utf8 the header's bytes, padding included
   * @param dataLength how many bytes follow the header in the file
   * @throws CheckpointFormatException if a rule of the format is broken
   */
  static SafetensorsHeader parse(Path file, byte[] utf8, long dataLength) throws IOException {
    if (utf8.length == 0 || utf8[0] != '{') {
      throw new CheckpointFormatException(
          file, HEADER, "'{' first", utf8.length == 0 ? "nothing" : "byte " + (utf8[0] & 0xff));
    }
    int length = lengthWithoutPadding(utf8);
    if (utf8[length - 1] != '}') {
      throw new CheckpointFormatException(
          file,
          HEADER,
          "'}' last, before any padding with spaces",
          "byte " + (utf8[length - 1] & 0xff));
    }
    SafetensorsHeader header =
        StrictJson.parse(file, HEADER, utf8, length, json -> new Entries(file, json).read());
    checkCoverage(file, header.tensors.values(), dataLength);
    return header;
  }

  private static int lengthWithoutPadding(byte[] utf8) {
    int length = utf8.length;
    while (utf8[length - 1] == ' ') {
      length--;
    }
    return length;
  }

  /** Checks that the tensors' bytes follow one another from 0 to the end of the data. */
  private static void checkCoverage(Path file, Iterable<TensorInfo> tensors, long dataLength)
      throws CheckpointFormatException {
    List<TensorInfo> inFileOrder = new ArrayList<>();
    tensors.forEach(inFileOrder::add);
    inFileOrder.sort(comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
    long covered = 0;
    for (TensorInfo tensor : inFileOrder) {
      if (tensor.begin() != covered) {
        throw new CheckpointFormatException(
            file,
            place(tensor.name()),
            "bytes from " + covered + ", where the tensor before it ends",
            "bytes from " + tensor.begin());
      }
      covered = tensor.end();
    }
    if (covered != dataLength) {
      throw new CheckpointFormatException(
          file, "data", covered + " bytes, as the header says", dataLength + " bytes");
    }
  }

  static String place(String tensor) {
    return "tensor " + tensor;
  }

  /** Walks the tokens of one header. */
  private static final class Entries {

    private final Path file;
    private final JsonParser json;
    private int entries;

    Entries(Path file, JsonParser json) {
      this.file = file;
      this.json = json;
    }

    SafetensorsHeader read() throws IOException {
      Map<String, String> metadata = new HashMap<>();
      SortedMap<String, TensorInfo> tensors = new TreeMap<>();
      expect(HEADER, JsonToken.START_OBJECT, "a JSON object");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = nextName(HEADER);
        if (name.equals(METADATA)) {
          readMetadata(metadata);
        } else {
          tensors.put(name, readTensor(name));
        }
      }
      return new SafetensorsHeader(metadata, tensors);
    }

    private String nextName(String place) throws IOException {
      if (++entries > MAX_ENTRIES) {
        throw new CheckpointFormatException(
            file, place, "at most " + MAX_ENTRIES + " tensors and metadata entries", "more");
      }
      return json.currentName();
    }

    private void readMetadata(Map<String, String> metadata) throws IOException {
      expect(METADATA, JsonToken.START_OBJECT, "an object of strings");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = nextName(METADATA);
        expect(METADATA, JsonToken.VALUE_STRING, "a string under " + key);
        metadata.put(key, StrictJson.text(file, METADATA, json));
      }
    }

    private TensorInfo readTensor(String name) throws IOException {
      String place = place(name);
      String dtype = null;
      List<Long> shape = null;
      List<Long> offsets = null;
      expect(place, JsonToken.START_OBJECT, "an object with dtype, shape and data_offsets");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        switch (json.currentName()) {
          case "dtype" -> {
            expect(place, JsonToken.VALUE_STRING, "a dtype as a string");
            dtype = StrictJson.text(file, place, json);
          }
          case "shape" -> shape = readSizes(place, "shape", MAX_RANK);
          case "data_offsets" -> offsets = readSizes(place, "data_offsets", 2);
          default ->
              throw new CheckpointFormatException(
                  file, place, "only dtype, shape and data_offsets", json.currentName());
        }
      }
      TensorInfo tensor =
          range(
              name,
              present(place, "dtype", dtype),
              present(place, "shape", shape),
              present(place, "data_offsets", offsets));
      checkSize(tensor);
      return tensor;
    }

    private TensorInfo range(String name, String dtype, List<Long> shape, List<Long> offsets)
        throws CheckpointFormatException {
      if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
        throw new CheckpointFormatException(
            file, place(name), "data_offsets [begin, end] with begin <= end", offsets.toString());
      }
      return new TensorInfo(name, dtype, shape, offsets.get(0), offsets.get(1));
    }

    /** A dtype that is not known here has no known width; reading such a tensor is refused. */
    private void checkSize(TensorInfo tensor) throws CheckpointFormatException {
      try {
        long elements = tensor.elements();
        int width = Dtype.named(tensor.dtype()).map(Dtype::width).orElse(0);
        if (width > 0 && Math.multiplyExact(elements, width) != tensor.bytes()) {
          throw new CheckpointFormatException(
              file,
              place(tensor.name()),
              elements * width + " bytes for " + tensor.dtype() + " " + tensor.shape(),
              tensor.bytes() + " bytes");
        }
      } catch (ArithmeticException e) {
        throw new CheckpointFormatException(
            file, place(tensor.name()), "a size below 2^63", "shape " + tensor.shape(), e);
      }
    }

    private List<Long> readSizes(String place, String field, int most) throws IOException {
      expect(place, JsonToken.START_ARRAY, field + " as a list of whole numbers");
      List<Long> sizes = new ArrayList<>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        // The sign is looked for in the text: -0 is not a size either.
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT || json.getText().startsWith("-")) {
          throw new CheckpointFormatException(
              file, place, "whole numbers from 0 in " + field, json.getText());
        }
        if (sizes.size() == most) {
          throw new CheckpointFormatException(
              file, place, "at most " + most + " numbers in " + field, "more");
        }
        sizes.add(json.getLongValue());
      }
      return sizes;
    }

    private <T> T present(String place, String field, @Nullable T value)
        throws CheckpointFormatException {
      if (value == null) {
        throw new CheckpointFormatException(file, place, "the field " + field, "none");
      }
      return value;
    }

    private void expect(String place, JsonToken token, String expected) throws IOException {
      if (json.nextToken() != token) {
        throw new CheckpointFormatException(file, place, expected, json.getText());
      }
    }
  }
}
