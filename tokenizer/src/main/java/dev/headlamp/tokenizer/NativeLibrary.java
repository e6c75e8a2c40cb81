package dev.headlamp.tokenizer;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Loads the native library inside DJL's jar.
 *
 * <p>DJL's own loader is passed by on purpose: it reports each start to a telemetry endpoint, asks
 * CUDA how many GPUs there are and warns when that fails, and where it finds one downloads another
 * library. Nothing here needs a GPU or the network.
 */
final class NativeLibrary {

  private static final String FOLDER_PREFIX = "headlamp-tokenizers-";

  private static boolean loaded;

  private NativeLibrary() {}

  /** Loads the library on first use; afterwards does nothing. */
  static synchronized void load() {
    if (!loaded) {
      loadFromJar(platform(System.getProperty("os.name"), System.getProperty("os.arch")));
      loaded = true;
    }
  }

  /** Returns the name DJL gives to a platform, such as {@code linux-x86_64}. */
  static String platform(String osName, String osArch) {
    String os = osName.toLowerCase(Locale.ROOT);
    String family = os.startsWith("win") ? "win" : os.startsWith("mac") ? "osx" : "linux";
    return family + "-" + (osArch.equals("amd64") ? "x86_64" : osArch);
  }

  private static void loadFromJar(String platform) {
    try {
      Path folder = Files.createTempDirectory(FOLDER_PREFIX);
      try {
        for (String file : files(platform)) {
          System.load(extract("native/lib/" + platform + "/cpu/" + file, folder).toString());
        }
      } finally {
        remove(folder);
      }
    } catch (IOException | UnsatisfiedLinkError e) {
      throw new IllegalStateException(
          "the tokenizer's native library does not load on " + platform + ": " + e.getMessage(), e);
    }
  }

  /** Returns the libraries of a platform in the order in which they need each other. */
  private static List<String> files(String platform) {
    String library = System.mapLibraryName("tokenizers");
    return platform.startsWith("win")
        ? List.of("libwinpthread-1.dll", "libgcc_s_seh-1.dll", "libstdc++-6.dll", library)
        : List.of(library);
  }

  private static Path extract(String resource, Path folder) throws IOException {
    try (InputStream in = TokenizersLibrary.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("DJL's tokenizers are not built for it (no " + resource + ")");
      }
      Path file = folder.resolve(resource.substring(resource.lastIndexOf('/') + 1));
      Files.copy(in, file);
      return file;
    }
  }

  /** Windows keeps the file of a loaded library in place; its temporary folder is left to it. */
  private static void remove(Path folder) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (FileSystemException inUse) {
      return;
    }
  }
}
