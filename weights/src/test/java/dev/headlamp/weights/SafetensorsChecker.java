package dev.headlamp.weights;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A second opinion on what a valid safetensors file is, written from the rules of the format and
 * sharing nothing with the reader: the whole file in memory, plain and slow.
 */
final class SafetensorsChecker {

  /** One tensor of a valid file and its bytes. */
  record Tensor(String dtype, List<BigInteger> shape, ByteBuffer data) {

    ByteBuffer littleEndian() {
      return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private static final Map<String, Integer> WIDTHS =
      Map.of(
          "F64", 8, "F32", 4, "F16", 2, "BF16", 2, "I64", 8, "I32", 4, "I16", 2, "I8", 1, "U8", 1,
          "BOOL", 1);
  private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);

  private record Entry(String name, String dtype, List<BigInteger> shape, long begin, long end) {}

  private SafetensorsChecker() {}

  /** Returns the tensors by name, or nothing if the file breaks a rule. */
  static Optional<Map<String, Tensor>> check(byte[] file) {
    try {
      return Optional.of(tensors(file));
    } catch (BrokenRuleException e) {
      return Optional.empty();
    }
  }

  private static Map<String, Tensor> tensors(byte[] file) {
    rule(file.length >= 8);
    byte[] bigEndian = new byte[8];
    for (int i = 0; i < 8; i++) {
      bigEndian[7 - i] = file[i];
    }
    BigInteger length = new BigInteger(1, bigEndian);
    rule(length.compareTo(BigInteger.valueOf(Math.min(100_000_000, file.length - 8))) <= 0);
    int dataStart = 8 + length.intValue();
    byte[] header = Arrays.copyOfRange(file, 8, dataStart);
    rule(header.length > 0 && header[0] == '{');
    int end = header.length;
    while (header[end - 1] == ' ') {
      end--;
    }
    rule(header[end - 1] == '}');
    String json = new String(header, 0, end, StandardCharsets.UTF_8);
    // A decoder that replaces what is malformed cannot give the same bytes back.
    rule(Arrays.equals(json.getBytes(StandardCharsets.UTF_8), Arrays.copyOf(header, end)));

    List<Entry> entries =
        object(new SmallJson(json).document()).entrySet().stream()
            .filter(field -> isTensor(field.getKey(), field.getValue()))
            .map(field -> entry(field.getKey(), object(field.getValue())))
            .sorted(Comparator.comparing(Entry::begin).thenComparing(Entry::end))
            .toList();
    Map<String, Tensor> tensors = new TreeMap<>();
    long covered = 0;
    for (Entry entry : entries) {
      rule(entry.begin == covered && entry.end <= file.length - dataStart);
      covered = entry.end;
      int size = (int) (entry.end - entry.begin);
      ByteBuffer bytes = ByteBuffer.wrap(file).slice(dataStart + (int) entry.begin, size);
      tensors.put(entry.name, new Tensor(entry.dtype, entry.shape, bytes));
    }
    rule(covered == file.length - dataStart);
    return tensors;
  }

  private static boolean isTensor(String name, Object value) {
    if (!name.equals("__metadata__")) {
      return true;
    }
    object(value).values().forEach(text -> rule(text instanceof String));
    return false;
  }

  private static Entry entry(String name, Map<String, Object> fields) {
    rule(fields.keySet().equals(Set.of("dtype", "shape", "data_offsets")));
    rule(fields.get("dtype") instanceof String);
    String dtype = (String) fields.get("dtype");
    List<BigInteger> shape = sizes(fields.get("shape"));
    List<BigInteger> offsets = sizes(fields.get("data_offsets"));
    rule(shape.size() <= 32);
    rule(offsets.size() == 2 && offsets.get(0).compareTo(offsets.get(1)) <= 0);
    BigInteger elements = BigInteger.ONE;
    for (BigInteger axis : shape) {
      elements = elements.multiply(axis);
      rule(elements.compareTo(MAX_LONG) <= 0);
    }
    Integer width = WIDTHS.get(dtype);
    BigInteger bytes = offsets.get(1).subtract(offsets.get(0));
    rule(width == null || elements.multiply(BigInteger.valueOf(width)).equals(bytes));
    return new Entry(
        name, dtype, shape, offsets.get(0).longValueExact(), offsets.get(1).longValueExact());
  }

  private static List<BigInteger> sizes(Object value) {
    rule(value instanceof List);
    return ((List<?>) value).stream().map(SafetensorsChecker::size).toList();
  }

  private static BigInteger size(Object value) {
    rule(value instanceof SmallJson.Numeral);
    String digits = ((SmallJson.Numeral) value).digits();
    rule(digits.matches("[0-9]+"));
    BigInteger size = new BigInteger(digits);
    rule(size.compareTo(MAX_LONG) <= 0);
    return size;
  }

  @SuppressWarnings("unchecked") // SmallJson makes no other maps.
  private static Map<String, Object> object(Object value) {
    rule(value instanceof Map);
    return (Map<String, Object>) value;
  }

  static void rule(boolean holds) {
    if (!holds) {
      throw new BrokenRuleException();
    }
  }

  /** The file is not valid. */
  static final class BrokenRuleException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
