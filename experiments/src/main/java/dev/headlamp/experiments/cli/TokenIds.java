package dev.headlamp.experiments.cli;

import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Token ids as typed: {@code 5,9,1}.
 *
 * @param ids one prompt's, or one per prompt
 */
record TokenIds(List<Integer> ids) {

  int[] toArray() {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Reads what was typed. */
  static final class Converter implements ITypeConverter<TokenIds> {

    @Override
    public TokenIds convert(String text) {
      if (text.isBlank()) {
        throw new TypeConversionException("an empty prompt: it needs at least one token id");
      }
      return new TokenIds(Arrays.stream(text.split(",", -1)).map(Converter::id).toList());
    }

    private static int id(String text) {
      try {
        return Integer.parseInt(text.strip());
      } catch (NumberFormatException e) {
        throw new TypeConversionException(
            "'" + text + "' is no token id: give whole numbers with commas between, such as 5,9,1");
      }
    }
  }
}
