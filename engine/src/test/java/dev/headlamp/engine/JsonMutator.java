package dev.headlamp.engine;

import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Damages a JSON text at random, most of the time so that it stays JSON. */
final class JsonMutator {

  private static final Pattern NUMBER = Pattern.compile("-?[0-9][0-9.e+-]*");
  private static final Pattern STRING = Pattern.compile("\"[^\"]*\"");
  private static final Pattern VALUE =
      Pattern.compile("(?<=: ?)(\"[^\"]*\"|-?[0-9][0-9.e+-]*|true|false|null)");
  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-1",
          "1",
          "3",
          "65537",
          "2147483647",
          "2147483648",
          "-2147483648",
          "9223372036854775807",
          "18446744073709551616",
          "1e9",
          "1e999",
          "0.5",
          "1" + "0".repeat(1000));
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "\"\"",
          "[]",
          "{}",
          "[[[\"global\"], 1000000000]]",
          "\"../model.safetensors\"",
          "\"/etc/passwd\"",
          "\"/dev/zero\"",
          "\"..\\\\..\\\\x.safetensors\"",
          "\"config.json\"",
          "\"\\u0000.safetensors\"",
          "[".repeat(5000) + "]".repeat(5000));

  private final SplittableRandom random;
  private final String text;

  JsonMutator(long seed, String text) {
    this.random = new SplittableRandom(seed);
    this.text = text;
  }

  /** Returns a damaged copy. */
  String next() {
    return switch (random.nextInt(8)) {
      case 0, 1 -> replace(NUMBER, pick(NUMBERS));
      case 2 -> replace(VALUE, pick(random.nextBoolean() ? NUMBERS : VALUES));
      case 3 -> replace(STRING, pick(VALUES));
      case 4 -> replace(STRING, anotherString());
      case 5 -> text.substring(0, random.nextInt(text.length()));
      case 6 -> splice(random.nextInt(text.length()), 1 + random.nextInt(20), "");
      default -> splice(random.nextInt(text.length()), 0, "" + (char) random.nextInt(32, 127));
    };
  }

  private String anotherString() {
    List<MatchResult> strings = STRING.matcher(text).results().toList();
    return strings.get(random.nextInt(strings.size())).group();
  }

  private String replace(Pattern pattern, String replacement) {
    List<MatchResult> places = pattern.matcher(text).results().toList();
    MatchResult place = places.get(random.nextInt(places.size()));
    return splice(place.start(), place.end() - place.start(), replacement);
  }

  private String splice(int at, int removed, String inserted) {
    return text.substring(0, at) + inserted + text.substring(Math.min(text.length(), at + removed));
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }
}
