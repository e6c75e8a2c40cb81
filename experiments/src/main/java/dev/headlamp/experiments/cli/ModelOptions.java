package dev.headlamp.experiments.cli;

import dev.headlamp.hooks.HookedGpt2;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import picocli.CommandLine.Option;

/** Which model, and how it computes. */
final class ModelOptions {

  private static final Path DEMO = Path.of("experiments", "models", "ioi-demo");

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "A folder with a GPT-2 in Hugging Face's layout. Default: the demo model.")
  private @Nullable Path folder;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      converter = Precision.Converter.class,
      defaultValue = "float32",
      description = "float32 or float64. Default: ${DEFAULT-VALUE}.")
  private Precision precision = Precision.FLOAT32;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many threads compute. Default: as many as there are cores.")
  private @Nullable Integer threads;

  /**
   * Loads the model.
   *
   * @throws InputException if there is none in the folder, or it cannot be used
   */
  HookedGpt2 load() {
    if (threads != null) {
      useThreads(threads);
    }
    Path model = folder != null ? folder : home().resolve(DEMO);
    if (!Files.isDirectory(model)) {
      throw new InputException(
          (Files.exists(model) ? "%s is a file, not a model folder" : "no such model folder: %s")
              .formatted(model));
    }
    return InputException.blaming(() -> HookedGpt2.load(model, precision.type()));
  }

  /** Returns the folder that Headlamp lies in, which the script names. */
  private static Path home() {
    return Path.of(System.getProperty("headlamp.home", ""));
  }

  private static void useThreads(int count) {
    if (count < 1) {
      throw new InputException("--threads must be 1 or more, not " + count);
    }
    Nd4j.factory().blas().setMaxThreads(count);
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(count);
  }
}
