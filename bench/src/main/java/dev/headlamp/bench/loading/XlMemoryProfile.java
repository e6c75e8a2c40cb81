package dev.headlamp.bench.loading;

import dev.headlamp.bench.models.GeneratedCheckpoint;
import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.Gpt2Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * How much memory it takes to load GPT-2 XL. Run once to generate a checkpoint of its shape, and
 * then in a process of its own to load it:
 *
 * <pre>
 * java -cp bench/target/benchmarks.jar dev.headlamp.bench.loading.XlMemoryProfile generate FOLDER F32
 * java -cp bench/target/benchmarks.jar dev.headlamp.bench.loading.XlMemoryProfile load FOLDER
 * </pre>
 *
 * <p>Generating needs 6.3 GB of disk for F32 and 3.2 GB for F16 or BF16, which it checks
 * beforehand. Loading reports the peak of the process' anonymous memory, which is what it needs
 * beside the files' pages that the system can drop at will, and exits with 1 if that is more than
 * 1.3 times the weights in float32. For Linux.
 */
public final class XlMemoryProfile {

  private static final double LIMIT = 1.3;
  private static final int SHARDS = 4;

  private XlMemoryProfile() {}

  /** Runs {@code generate FOLDER F32|F16|BF16} or {@code load FOLDER}. */
  public static void main(String... args) throws IOException, InterruptedException {
    if (args.length == 3 && args[0].equals("generate")) {
      Path folder = Files.createDirectories(Path.of(args[1]));
      new GeneratedCheckpoint(Gpt2Config.gpt2Xl(), stored(args[2]), SHARDS).write(folder);
    } else if (args.length == 2 && args[0].equals("load")) {
      System.exit(load(Path.of(args[1])) ? 0 : 1);
    } else {
      System.err.println("usage: XlMemoryProfile generate FOLDER F32|F16|BF16 | load FOLDER");
      System.exit(2);
    }
  }

  private static DataType stored(String name) {
    return switch (name) {
      case "F32" -> DataType.FLOAT;
      case "F16" -> DataType.FLOAT16;
      case "BF16" -> DataType.BFLOAT16;
      default -> throw new IllegalArgumentException(name + " is not F32, F16 or BF16");
    };
  }

  private static boolean load(Path folder) throws IOException, InterruptedException {
    long start = System.nanoTime();
    try (AnonymousMemory memory = AnonymousMemory.watch()) {
      long weights;
      try (Gpt2 model = Gpt2.load(folder)) {
        weights = bytesInFloat32(model.config());
      }
      long peak = memory.peakBytes();
      double ratio = (double) peak / weights;
      System.out.printf(
          Locale.ROOT,
          "weights in float32 %.2f GB, peak of anonymous memory %.2f GB: %.3f times, at most %.1f; %.0f s%n",
          weights / 1e9,
          peak / 1e9,
          ratio,
          LIMIT,
          (System.nanoTime() - start) / 1e9);
      return ratio <= LIMIT;
    }
  }

  private static long bytesInFloat32(Gpt2Config config) {
    return new GeneratedCheckpoint(config, DataType.FLOAT, SHARDS).bytes();
  }
}
