package dev.headlamp.weights;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Damages a safetensors file at random, half of the time so that it stays plausible. */
final class FileMutator {

  private static final Pattern NUMBER = Pattern.compile("[0-9]+");
  private static final Pattern DTYPE =
      Pattern.compile("\"(F64|F32|F16|BF16|I64|I32|I16|I8|U8|BOOL|F8_E4M3)\"");
  private static final Pattern STRING = Pattern.compile("\"[^\"]*\"");
  private static final Pattern GAP = Pattern.compile("[\\[\\]{},:]");
  private static final List<String> DTYPES =
      List.of("F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL", "F4", "f32");
  private static final List<String> VALUES =
      List.of(
          "0",
          "-0",
          "1",
          "-1",
          "1.0",
          "1e2",
          "00",
          "9223372036854775807",
          "9223372036854775808",
          "18446744073709551616",
          "null",
          "true",
          "\"a\"",
          "[]",
          "{}",
          "NaN",
          "\\ud800");
  private static final List<String> TOKENS =
      List.of(" ", "\n", "\t", "\u000b", "\u00a0", ",", "/**/", "\"\":{},", "0,", "[", "]", "}");

  private final SplittableRandom random;
  private final byte[] file;

  FileMutator(long seed, byte[] file) {
    this.random = new SplittableRandom(seed);
    this.file = file;
  }

  /** Returns a damaged copy. */
  byte[] next() {
    return switch (random.nextInt(12)) {
      case 0 -> flip(file, random.nextInt(file.length));
      case 1 -> flip(file, random.nextInt(8 + headerLength()));
      case 2 -> flip(file, 8 + headerLength() + random.nextInt(file.length - 8 - headerLength()));
      case 3 -> splice(file, random.nextInt(file.length), random.nextInt(9), bytes(0));
      case 4 -> splice(file, random.nextInt(file.length + 1), 0, bytes(1 + random.nextInt(9)));
      case 5 -> Arrays.copyOf(file, random.nextInt(file.length));
      case 6 -> withHeader(replace(NUMBER, pick(VALUES)));
      case 7 -> withHeader(replace(NUMBER, Integer.toString(random.nextInt(64))));
      case 8 -> withHeader(replace(DTYPE, '"' + pick(DTYPES) + '"'));
      case 9 -> withHeader(replace(STRING, anotherString()));
      case 10 -> withHeader(insertAtGap(pick(TOKENS)));
      default -> withHeader(swapNumbers());
    };
  }

  private byte[] flip(byte[] bytes, int at) {
    byte[] flipped = bytes.clone();
    flipped[at] ^= (byte) (1 << random.nextInt(8));
    return flipped;
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] splice(byte[] bytes, int at, int removed, byte[] inserted) {
    int resume = Math.min(bytes.length, at + removed);
    return ByteBuffer.allocate(at + inserted.length + bytes.length - resume)
        .put(bytes, 0, at)
        .put(inserted)
        .put(bytes, resume, bytes.length - resume)
        .array();
  }

  /** Returns another string of the header, so that names repeat, or a new one. */
  private String anotherString() {
    List<MatchResult> strings = STRING.matcher(header()).results().toList();
    return random.nextBoolean()
        ? strings.get(random.nextInt(strings.size())).group()
        : "\"" + random.nextInt() + "\\u00e9\"";
  }

  private String replace(Pattern pattern, String replacement) {
    String header = header();
    List<MatchResult> places = pattern.matcher(header).results().toList();
    MatchResult place = places.get(random.nextInt(places.size()));
    return header.substring(0, place.start()) + replacement + header.substring(place.end());
  }

  private String insertAtGap(String token) {
    String header = header();
    List<MatchResult> gaps = GAP.matcher(header).results().toList();
    int at = gaps.get(random.nextInt(gaps.size())).end();
    return header.substring(0, at) + token + header.substring(at);
  }

  /** Swaps two neighbouring numbers: the axes of a shape, or offsets. */
  private String swapNumbers() {
    String header = header();
    List<MatchResult> numbers = NUMBER.matcher(header).results().toList();
    int first = random.nextInt(numbers.size() - 1);
    MatchResult a = numbers.get(first);
    MatchResult b = numbers.get(first + 1);
    return header.substring(0, a.start())
        + b.group()
        + header.substring(a.end(), b.start())
        + a.group()
        + header.substring(b.end());
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  private int headerLength() {
    return (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  /** One character per byte, so that edits leave the bytes around them as they are. */
  private String header() {
    return new String(file, 8, headerLength(), ISO_8859_1);
  }

  private byte[] withHeader(String header) {
    byte[] data = Arrays.copyOfRange(file, 8 + headerLength(), file.length);
    return SafetensorsBytes.of(header.getBytes(ISO_8859_1), data);
  }
}
