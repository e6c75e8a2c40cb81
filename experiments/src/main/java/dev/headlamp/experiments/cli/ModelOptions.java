package dev.headlamp.experiments.cli;

import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.LoadOptions;
import dev.headlamp.weights.hub.HubException;
import dev.headlamp.weights.hub.HubSettings;
import dev.headlamp.weights.hub.ModelLocator;
import java.io.File;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import picocli.CommandLine.Option;

/** Which model, and how it computes. */
final class ModelOptions {

  /** More than any machine has use for; the libraries underneath crash on very large numbers. */
  private static final int MOST_THREADS = 256;

  private static final Path DEMO = Path.of("experiments", "models", "ioi-demo");

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description =
          "A folder with a GPT-2 in Hugging Face's layout, or a model's name, such as gpt2: taken"
              + " from Hugging Face's cache, else downloaded into it. Default: the demo model.")
  private @Nullable String name;

  @Option(
      names = "--revision",
      paramLabel = "REV",
      description = "A branch, tag or commit of a named model, such as one step of its training.")
  private @Nullable String revision;

  @Option(names = "--offline", description = "Download nothing: take a named model from the cache.")
  private boolean offline;

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
   * Loads the model, downloading it if need be.
   *
   * @throws InputException if there is no such model, or it cannot be used
   */
  HookedGpt2 load(Terminal terminal) {
    return load(terminal, precision.type());
  }

  /** Loads the model as {@link #load(Terminal)} does, as FLOAT or DOUBLE whatever was asked for. */
  HookedGpt2 load(Terminal terminal, DataType type) {
    if (threads != null) {
      useThreads(threads);
    }
    try (DownloadBar bar = new DownloadBar(terminal)) {
      return InputException.blaming(
          () -> HookedGpt2.load(nameOrFolder(), loadOptions().withType(type).withListener(bar)));
    } catch (InputException e) {
      throw isTakenForModelOfHub() && e.getCause() instanceof HubException
          ? e.adding(" (nor is there a folder %s)".formatted(new File(name).getAbsolutePath()))
          : e;
    }
  }

  /** Returns what {@code --model} names. */
  private String nameOrFolder() {
    if (name == null) {
      return home().resolve(DEMO).toString();
    }
    if (!ModelLocator.isFolder(name) && new File(name).exists()) {
      throw new InputException(name + " is a file, not a model folder");
    }
    return name;
  }

  /** As a mistyped folder is too. */
  private boolean isTakenForModelOfHub() {
    return name != null && ModelLocator.isNameOnHub(name) && !ModelLocator.isFolder(name);
  }

  private LoadOptions loadOptions() throws HubException {
    LoadOptions options = LoadOptions.defaults();
    if (offline) {
      options = options.withHub(HubSettings.fromEnvironment().withOffline(true));
    }
    return revision == null ? options : options.withRevision(revision);
  }

  /** Returns the folder that Headlamp lies in, which the script names. */
  private static Path home() {
    return Path.of(System.getProperty("headlamp.home", ""));
  }

  private static void useThreads(int count) {
    if (count < 1 || count > MOST_THREADS) {
      throw new InputException("--threads must be 1 to %d, not %d".formatted(MOST_THREADS, count));
    }
    Nd4j.factory().blas().setMaxThreads(count);
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(count);
  }
}
