package dev.headlamp.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A model folder as Hugging Face lays it out, open for reading: {@code config.json}, and the
 * tensors in {@code model.safetensors} or, where that is not there, in the shards that {@code
 * model.safetensors.index.json} names.
 *
 * <p>The index is the authority on shards: every tensor it promises must be in the shard it names,
 * which opening checks, and a tensor that it does not name is not part of the checkpoint. Any
 * number of threads may read at once.
 */
public final class Checkpoint implements AutoCloseable {

  private static final String CONFIG = "config.json";
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private final Path folder;
  private final ConfigFile config;
  private final List<SafetensorsFile> files;
  private final SortedMap<String, SafetensorsFile> fileOf;

  private Checkpoint(
      Path folder,
      ConfigFile config,
      List<SafetensorsFile> files,
      SortedMap<String, SafetensorsFile> fileOf) {
    this.folder = folder;
    this.config = config;
    this.files = files;
    this.fileOf = fileOf;
  }

  /**
   * Opens a model folder: reads its configuration and the header of each of its files.
   *
   * @throws CheckpointFormatException if a file breaks a rule of its format, a shard lacks a tensor
   *     that the index promises, or the folder holds weights in another format only
   * @throws NoSuchFileException if the folder or a file that has to be in it is missing
   * @throws NotDirectoryException if {@code folder} is a file
   */
  public static Checkpoint open(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      throw new NoSuchFileException(
          folder.toAbsolutePath().toString(), null, "no such model folder");
    }
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder.toAbsolutePath().toString());
    }
    if (!Files.exists(folder.resolve(CONFIG))) {
      throw missing(folder.resolve(CONFIG), "a model folder holds its configuration here");
    }
    ConfigFile config = ConfigFile.read(folder.resolve(CONFIG));
    List<SafetensorsFile> files = new ArrayList<>();
    try {
      SortedMap<String, SafetensorsFile> fileOf = openWeights(folder, files);
      return new Checkpoint(folder, config, files, fileOf);
    } catch (IOException | RuntimeException | Error e) {
      closeAll(files);
      throw e;
    }
  }

  private static SortedMap<String, SafetensorsFile> openWeights(
      Path folder, List<SafetensorsFile> opened) throws IOException {
    SortedMap<String, SafetensorsFile> fileOf = new TreeMap<>();
    if (Files.exists(folder.resolve(SINGLE))) {
      SafetensorsFile file = SafetensorsFile.open(folder.resolve(SINGLE));
      opened.add(file);
      file.names().forEach(name -> fileOf.put(name, file));
    } else if (Files.exists(folder.resolve(INDEX))) {
      ShardIndex index = ShardIndex.read(folder.resolve(INDEX));
      for (String shard : index.shards()) {
        SafetensorsFile file = SafetensorsFile.open(existing(folder, shard));
        opened.add(file);
        for (String name : index.tensorsIn(shard)) {
          fileOf.put(file.info(name).name(), file);
        }
      }
    } else {
      throw noWeights(folder);
    }
    return fileOf;
  }

  /** Returns the folder that was opened. */
  public Path folder() {
    return folder;
  }

  /** Returns the model's configuration. */
  public ConfigFile config() {
    return config;
  }

  /** Returns the names of all tensors, sorted. */
  public List<String> names() {
    return List.copyOf(fileOf.keySet());
  }

  /** Returns whether the checkpoint holds a tensor of this name. */
  public boolean has(String name) {
    return fileOf.containsKey(name);
  }

  /**
   * Returns what the tensor's file says about it.
   *
   * @throws CheckpointFormatException if the checkpoint does not hold it
   */
  public TensorInfo info(String name) throws CheckpointFormatException {
    return fileOf(name).info(name);
  }

  /**
   * Reads a tensor of a floating dtype.
   *
   * @param type FLOAT or DOUBLE
   * @return a new array of the tensor's shape in C order, outside any workspace, owned by the
   *     caller
   * @throws CheckpointFormatException as {@link SafetensorsFile#read(String, DataType)} does
   * @throws IllegalStateException if this checkpoint is closed
   */
  public INDArray read(String name, DataType type) throws IOException {
    return fileOf(name).read(name, type);
  }

  /**
   * Reads a tensor of a floating dtype whose shape is known.
   *
   * @param type FLOAT or DOUBLE
   * @param expectedShape the length of each axis; none for a scalar
   * @return a new array of that shape in C order, outside any workspace, owned by the caller
   * @throws CheckpointFormatException as {@link SafetensorsFile#read(String, DataType)} does, and
   *     if the shape is another
   * @throws IllegalStateException if this checkpoint is closed
   */
  public INDArray read(String name, DataType type, long... expectedShape) throws IOException {
    TensorInfo info = info(name);
    if (!Arrays.equals(info.dimensions(), expectedShape)) {
      throw new CheckpointFormatException(
          fileOf(name).path(),
          SafetensorsHeader.place(name),
          "shape " + Arrays.toString(expectedShape),
          "shape " + info.shape());
    }
    return read(name, type);
  }

  /** Closes every file. Arrays that were read stay valid. Closing twice does nothing. */
  @Override
  public void close() throws IOException {
    closeAll(files);
  }

  private SafetensorsFile fileOf(String name) throws CheckpointFormatException {
    SafetensorsFile file = fileOf.get(name);
    if (file == null) {
      throw new CheckpointFormatException(
          folder,
          SafetensorsHeader.place(name),
          "a tensor of this name",
          "none among " + fileOf.size());
    }
    return file;
  }

  private static void closeAll(List<SafetensorsFile> files) throws IOException {
    for (SafetensorsFile file : files) {
      file.close();
    }
  }

  private static Path existing(Path folder, String shard) throws NoSuchFileException {
    Path path = folder.resolve(shard);
    if (!Files.exists(path)) {
      throw missing(path, "a shard that " + INDEX + " names");
    }
    return path;
  }

  private static IOException noWeights(Path folder) {
    for (String other : List.of("pytorch_model.bin", "pytorch_model.bin.index.json")) {
      if (Files.exists(folder.resolve(other))) {
        return new CheckpointFormatException(
            folder,
            "weights",
            SINGLE,
            other
                + ", which holds pickled Python: convert it once with: "
                + "python3 docs/reference/to_safetensors.py \""
                + folder
                + "\"");
      }
    }
    return missing(folder.resolve(SINGLE), "nor is there " + INDEX);
  }

  private static NoSuchFileException missing(Path file, String reason) {
    return new NoSuchFileException(file.toString(), null, reason);
  }
}
