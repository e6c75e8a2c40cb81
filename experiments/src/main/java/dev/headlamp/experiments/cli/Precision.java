package dev.headlamp.experiments.cli;

import java.util.Arrays;
import java.util.Locale;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What a model computes in. */
enum Precision {
  FLOAT32(DataType.FLOAT),
  FLOAT64(DataType.DOUBLE);

  private final DataType type;

  Precision(DataType type) {
    this.type = type;
  }

  DataType type() {
    return type;
  }

  static Precision of(DataType type) {
    return type == DataType.DOUBLE ? FLOAT64 : FLOAT32;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads what was typed. */
  static final class Converter implements ITypeConverter<Precision> {

    @Override
    public Precision convert(String text) {
      return Arrays.stream(values())
          .filter(precision -> precision.toString().equals(text))
          .findFirst()
          .orElseThrow(
              () -> new TypeConversionException("'" + text + "' is not float32 or float64"));
    }
  }
}
