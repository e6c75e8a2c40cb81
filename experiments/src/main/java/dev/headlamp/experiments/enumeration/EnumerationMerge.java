package dev.headlamp.experiments.enumeration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Joins the files of all shards of an enumeration. */
public final class EnumerationMerge {

  private final List<Path> paths;
  private final List<EnumerationFile> files;
  private final PromptSpace space;

  private EnumerationMerge(List<Path> paths, List<EnumerationFile> files) {
    this.paths = paths;
    this.files = files;
    this.space = files.get(0).header().space();
  }

  /**
   * Writes the file that one run over everything would have written.
   *
   * @param shards files of one run, in any order; left as they are
   * @param target the file to write, which must not exist
   * @throws IllegalArgumentException if there is no file, their headers differ in more than the
   *     shard, or a row is in two files or in none; the message names the files. Or if the target
   *     exists
   * @throws IOException if a file cannot be read, or the target cannot be written
   */
  public static void merge(List<Path> shards, Path target) throws IOException {
    if (shards.isEmpty()) {
      throw new IllegalArgumentException("there are no files to merge");
    }
    if (Files.exists(target)) {
      throw new IllegalArgumentException(target + " exists: merge into another file");
    }
    List<EnumerationFile> files = new ArrayList<>();
    try {
      for (Path shard : shards) {
        files.add(EnumerationFile.open(shard));
      }
      new EnumerationMerge(shards, files).into(target);
    } finally {
      for (EnumerationFile file : files) {
        file.close();
      }
    }
  }

  private void into(Path target) throws IOException {
    checkHeaders();
    List<Integer> sources = sources();
    EnumerationHeader whole = files.get(0).header().withShard(Shard.whole());
    Path part = target.resolveSibling(target.getFileName() + ".merging");
    Files.deleteIfExists(part);
    try {
      try (EnumerationFile merged = EnumerationFile.resume(part, whole)) {
        for (int i = 0; i < sources.size(); i++) {
          Chunk chunk = Chunk.of(space, i);
          merged.copy(chunk, files.get(sources.get(i)));
        }
      }
      Files.move(part, target);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private void checkHeaders() {
    EnumerationHeader first = files.get(0).header();
    for (int i = 1; i < files.size(); i++) {
      EnumerationHeader header = files.get(i).header();
      List<String> differences = header.withShard(first.shard()).differencesFrom(first);
      if (!differences.isEmpty()) {
        throw new IllegalArgumentException(
            "%s and %s are of different runs: %s"
                .formatted(paths.get(i), paths.get(0), String.join("; ", differences)));
      }
    }
  }

  /** Returns for each chunk the one file that has it. */
  private List<Integer> sources() {
    List<Integer> sources = new ArrayList<>();
    for (int i = 0; i < Chunk.count(space); i++) {
      Chunk chunk = Chunk.of(space, i);
      List<Integer> holders =
          IntStream.range(0, files.size())
              .filter(file -> files.get(file).has(chunk))
              .boxed()
              .toList();
      if (holders.isEmpty()) {
        throw new IllegalArgumentException(
            "no file has %s: %s".formatted(chunk, shardsThatLack(chunk)));
      }
      if (holders.size() > 1) {
        throw new IllegalArgumentException(
            "both %s and %s have %s"
                .formatted(paths.get(holders.get(0)), paths.get(holders.get(1)), chunk));
      }
      sources.add(holders.get(0));
    }
    return sources;
  }

  private String shardsThatLack(Chunk chunk) {
    for (int i = 0; i < files.size(); i++) {
      Shard shard = files.get(i).header().shard();
      if (shard.has(chunk)) {
        return "shard %s, %s, is not finished".formatted(shard, paths.get(i));
      }
    }
    return "the shard that has it is not among the files, whose shards are "
        + files.stream().map(file -> file.header().shard()).toList();
  }
}
