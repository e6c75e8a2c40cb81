package dev.headlamp.experiments.circuit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headlamp.experiments.enumeration.ModelHash;
import dev.headlamp.experiments.enumeration.Sha256;
import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiPrompt;
import dev.headlamp.hooks.HookedGpt2;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What ablated runs gave, so that none is made twice: in memory, or in a file too, to which each is
 * written as soon as it is there, so that a study goes on where it was killed.
 *
 * <p>A line of the file is the question, a tab, and the mean logit difference.
 */
public final class RunJournal implements AutoCloseable {

  private static final char SEPARATOR = '\t';

  private final Map<String, Double> values = new HashMap<>();
  private final @Nullable FileChannel file;

  private RunJournal(@Nullable FileChannel file) {
    this.file = file;
  }

  /** Returns a journal that ends with the process. */
  public static RunJournal inMemory() {
    return new RunJournal(null);
  }

  /**
   * Opens the journal in a file, and makes it if there is none. A line that a killed process did
   * not finish is dropped.
   *
   * @throws IOException if the file cannot be read and written
   * @throws IllegalArgumentException if it is no journal
   */
  public static RunJournal open(Path path) throws IOException {
    FileChannel file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      RunJournal journal = new RunJournal(file);
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
      while (bytes.hasRemaining() && file.read(bytes) >= 0) {
        // reads on
      }
      String text = new String(bytes.array(), 0, bytes.position(), UTF_8);
      String whole = text.substring(0, text.lastIndexOf('\n') + 1);
      whole.lines().forEach(line -> journal.read(line, path));
      int end = whole.getBytes(UTF_8).length;
      file.truncate(end).position(end);
      return journal;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private void read(String line, Path path) {
    int tab = line.lastIndexOf(SEPARATOR);
    try {
      values.put(line.substring(0, Math.max(0, tab)), Double.parseDouble(line.substring(tab + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s is no journal of runs: it has the line '%s'".formatted(path, line), e);
    }
  }

  /**
   * Returns what a task's runs depend on as a hash: the weights and how they are computed with, the
   * prompts and their p_ABC prompts.
   */
  public static String keyOf(IoiTask task) {
    HookedGpt2 model = task.model();
    String weights = ModelHash.of(model.engine());
    return Sha256.of(
        digest -> {
          add(digest, weights + model.processing() + model.dataType());
          add(digest, task.ioi());
          add(digest, task.abc());
        });
  }

  private static void add(MessageDigest digest, IoiDataset prompts) {
    add(digest, prompts.bos().toString());
    for (IoiPrompt prompt : prompts.prompts()) {
      add(digest, prompt.toString());
    }
  }

  private static void add(MessageDigest digest, String text) {
    digest.update((text + "\n").getBytes(UTF_8));
  }

  /** Returns how many runs are known. */
  public int size() {
    return values.size();
  }

  Optional<Double> find(String question) {
    return Optional.ofNullable(values.get(question));
  }

  void add(String question, double value) {
    values.put(question, value);
    if (file != null) {
      ByteBuffer line = ByteBuffer.wrap((question + SEPARATOR + value + "\n").getBytes(UTF_8));
      try {
        while (line.hasRemaining()) {
          file.write(line);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Closes the file. Closing again has no effect. */
  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
