package dev.headlamp.experiments.cli;

import dev.headlamp.engine.Gpt2Config;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A head as the field writes it: {@code 9.6} is head 6 of layer 9, both counted from 0.
 *
 * @param layer the block
 * @param head the head in it
 */
record HeadName(int layer, int head) {

  private static final Pattern FORM = Pattern.compile("(\\d{1,6})\\.(\\d{1,6})");

  /**
   * @throws InputException if the model has no such head
   */
  HeadName checkedFor(Gpt2Config config) {
    return InputException.blaming(
        () -> {
          config.checkLayer(layer);
          config.checkHead(head);
          return this;
        });
  }

  /** Reads what was typed. */
  static final class Converter implements ITypeConverter<HeadName> {

    @Override
    public HeadName convert(String text) {
      Matcher matcher = FORM.matcher(text.strip());
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "'" + text + "' is no head: give layer and head, such as 9.6");
      }
      return new HeadName(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }
  }
}
