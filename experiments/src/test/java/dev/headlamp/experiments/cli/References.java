package dev.headlamp.experiments.cli;

import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Reads what others' code computed on the fixtures. */
final class References {

  private References() {}

  /** Returns the values of a tensor in C order. */
  static double[] values(String fixture, String file, String tensor) {
    try (SafetensorsFile reference = SafetensorsFile.open(Fixtures.file(fixture, file))) {
      return reference.read(tensor).data().asDouble();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the rows of a tensor {@code [row, column]} of whole numbers. */
  static List<long[]> rows(String fixture, String file, String tensor) {
    try (SafetensorsFile reference = SafetensorsFile.open(Fixtures.file(fixture, file))) {
      int width = Math.toIntExact(reference.info(tensor).shape().get(1));
      long[] all = reference.readLongs(tensor);
      return java.util.stream.IntStream.range(0, all.length / width)
          .mapToObj(row -> Arrays.copyOfRange(all, row * width, (row + 1) * width))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns ids as the command line takes them. */
  static String typed(long[] ids) {
    return Arrays.stream(ids).mapToObj(Long::toString).collect(Collectors.joining(","));
  }
}
