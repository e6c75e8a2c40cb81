package dev.headlamp.bench.products;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/**
 * Debian's {@code libopenblas0-pthread}, called from a C program that is compiled when it is asked
 * for, if the library and gcc are there.
 */
final class SystemOpenBlas {

  private static final String THREADS = "2";
  private static final String REPEATS = "20";
  private static final long PATIENCE_SECONDS = 60;

  private SystemOpenBlas() {}

  /** Returns the best of 20 products' rates in GFLOP/s, or nothing if it cannot be measured. */
  static OptionalDouble gflops(int rows) {
    try (DirectoryStream<Path> libraries =
        Files.newDirectoryStream(Path.of("/usr/lib"), "*-linux-gnu*")) {
      for (Path folder : libraries) {
        Path library = folder.resolve("openblas-pthread/libopenblas.so.0");
        if (Files.exists(library)) {
          return gflops(library, rows);
        }
      }
      return OptionalDouble.empty();
    } catch (IOException e) {
      return OptionalDouble.empty();
    }
  }

  private static OptionalDouble gflops(Path library, int rows) throws IOException {
    Path folder = Files.createTempDirectory("headlamp-sgemm");
    Path source = folder.resolve("sgemm.c");
    Path program = folder.resolve("sgemm");
    try (InputStream in = SystemOpenBlas.class.getResourceAsStream("sgemm.c")) {
      if (in == null) {
        throw new IllegalStateException("the resource sgemm.c is missing");
      }
      Files.copy(in, source);
      output(
          "gcc",
          "-O2",
          "-o",
          program.toString(),
          source.toString(),
          library.toString(),
          "-Wl,-rpath," + library.getParent());
      return OptionalDouble.of(
          Double.parseDouble(output(program.toString(), Integer.toString(rows), REPEATS)));
    } finally {
      Files.deleteIfExists(program);
      Files.deleteIfExists(source);
      Files.deleteIfExists(folder);
    }
  }

  /** Returns what a command printed; one that fails or hangs counts as not there. */
  private static String output(String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(List.of(command));
    builder.environment().put("OPENBLAS_NUM_THREADS", THREADS);
    Process process = builder.redirectErrorStream(true).start();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException(String.join(" ", command) + " failed");
      }
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted", e));
    }
  }
}
