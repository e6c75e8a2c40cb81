package dev.headlamp.hooks.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/**
 * How a number becomes a colour: a palette stretched from {@code low} to {@code high}. Numbers
 * beyond either end take the colour of that end.
 *
 * @param palette the colours
 * @param low the number that gets the first colour
 * @param high the number that gets the last colour
 */
public record ColorScale(Palette palette, double low, double high) {

  /** The colour of a value that was not computed, as {@code 0xRRGGBB}: a grey no palette has. */
  public static final int ABSENT_RGB = 0xc4c7cc;

  /** The colours of a scale, evenly spaced from its low end to its high end. */
  public enum Palette {
    /** Red over white to blue, for numbers on two sides of a zero (ColorBrewer's RdBu). */
    RED_WHITE_BLUE(
        0x67001f, 0xb2182b, 0xd6604d, 0xf4a582, 0xfddbc7, 0xf7f7f7, 0xd1e5f0, 0x92c5de, 0x4393c3,
        0x2166ac, 0x053061),
    /**
     * White to blue, for numbers on one side of a zero, such as attention (ColorBrewer's Blues).
     */
    WHITE_BLUE(
        0xf7fbff, 0xdeebf7, 0xc6dbef, 0x9ecae1, 0x6baed6, 0x4292c6, 0x2171b5, 0x08519c, 0x08306b);

    @SuppressWarnings("ImmutableEnumChecker") // what List.of returns cannot change
    private final List<Integer> stops;

    Palette(Integer... stops) {
      this.stops = List.of(stops);
    }

    /** Returns the colours as {@code 0xRRGGBB}, from the low end to the high end. */
    public List<Integer> stops() {
      return stops;
    }
  }

  /**
   * @throws IllegalArgumentException unless both ends are finite and {@code low} is below {@code
   *     high}
   */
  public ColorScale {
    if (!Double.isFinite(low) || !Double.isFinite(high) || !(low < high)) {
      throw new IllegalArgumentException(
          "a colour scale must run upwards between finite ends, got " + low + " to " + high);
    }
  }

  /**
   * Returns red, white and blue with white at {@code zero} and the full colours {@code reach} away.
   */
  public static ColorScale diverging(double zero, double reach) {
    return new ColorScale(Palette.RED_WHITE_BLUE, zero - reach, zero + reach);
  }

  /**
   * Returns red, white and blue with white at {@code zero}, wide enough for every value of {@code
   * arrays}; give several arrays to compare their pictures. The reach is rounded up to two digits,
   * so that the ends can be written beside the picture.
   */
  public static ColorScale divergingOver(double zero, LabelledArray... arrays) {
    double reach = 0;
    for (LabelledArray array : arrays) {
      reach =
          array.stream()
              .map(v -> Math.abs(v - zero))
              .filter(Double::isFinite)
              .reduce(reach, Math::max);
    }
    return diverging(zero, reach == 0 ? 1 : roundedUp(reach));
  }

  /** Returns white to blue from {@code low} to {@code high}. */
  public static ColorScale sequential(double low, double high) {
    return new ColorScale(Palette.WHITE_BLUE, low, high);
  }

  /** Returns the colour of a value as {@code 0xRRGGBB}. */
  public int rgb(double value) {
    if (Double.isNaN(value)) {
      return ABSENT_RGB;
    }
    List<Integer> stops = palette.stops();
    double share = Math.min(1, Math.max(0, (value - low) / (high - low)));
    double place = share * (stops.size() - 1);
    int before = Math.min((int) place, stops.size() - 2);
    return mixed(stops.get(before), stops.get(before + 1), place - before);
  }

  /** Returns whether white text reads better than black on a colour. */
  public static boolean isDark(int rgb) {
    int red = rgb >> 16 & 0xff;
    int green = rgb >> 8 & 0xff;
    int blue = rgb & 0xff;
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
  }

  /** Returns a colour the way CSS writes it: {@code #b2182b}. */
  public static String css(int rgb) {
    return String.format("#%06x", rgb);
  }

  private static int mixed(int from, int to, double share) {
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int start = from >> shift & 0xff;
      int end = to >> shift & 0xff;
      rgb |= (int) Math.round(start + share * (end - start)) << shift;
    }
    return rgb;
  }

  private static double roundedUp(double reach) {
    return new BigDecimal(reach).round(new MathContext(2, RoundingMode.CEILING)).doubleValue();
  }
}
