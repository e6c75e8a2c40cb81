package dev.headlamp.bench.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Where and by what something was measured.
 *
 * @param processor the processor's name
 * @param cores how many cores of it the JVM sees
 * @param memory bytes of main memory; 0 if unknown
 * @param jdk the JVM
 * @param system the operating system
 * @param commit the commit of the working tree; "unknown" outside one
 */
public record Machine(
    String processor, int cores, long memory, String jdk, String system, String commit) {

  /** Returns this machine. */
  public static Machine here() {
    return new Machine(
        field(Path.of("/proc/cpuinfo"), "model name", System.getProperty("os.arch")),
        Runtime.getRuntime().availableProcessors(),
        kilobytes(field(Path.of("/proc/meminfo"), "MemTotal", "0")) * 1024,
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        commitHere());
  }

  private static String field(Path file, String name, String otherwise) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(otherwise);
    } catch (IOException e) {
      return otherwise;
    }
  }

  private static long kilobytes(String text) {
    return Long.parseLong(text.replaceAll("\\D", ""));
  }

  private static String commitHere() {
    String home = System.getProperty("headlamp.home", ".");
    try {
      Process git =
          new ProcessBuilder(
                  List.of("git", "-C", home, "describe", "--always", "--dirty", "--abbrev=10"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String commit =
          new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.waitFor() == 0 ? commit : "unknown";
    } catch (IOException e) {
      return "unknown";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "unknown";
    }
  }

  /** Returns all of it in a line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s, %d cores, %.0f GB; %s; %s; commit %s",
        processor,
        cores,
        memory / 1e9,
        system,
        jdk,
        commit);
  }
}
