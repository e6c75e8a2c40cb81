package dev.headlamp.experiments.enumeration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A formula in place of a model shows which rows are computed, and where they are written. */
class EnumerationFileTest {

  private static HookedGpt2 model;
  private static PromptTokens prompts;
  private static EnumerationHeader header;

  @TempDir private Path folder;
  private Path path = Path.of("rows");

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("ioi-demo"));
    prompts = PromptTokens.of(model, Spaces.small(), Bos.PREPEND);
    header = EnumerationHeader.of(model, prompts, Shard.whole());
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @BeforeEach
  void placeTheFile() {
    path = folder.resolve("rows");
  }

  @Test
  void aStoppedRunGoesOnWithoutRepeatingOrLosingARow() throws IOException {
    int runs = 0;
    HashSet<Integer> before = new HashSet<>();
    for (boolean complete = false; !complete; runs++) {
      FormulaScorer scorer = FormulaScorer.byHash();
      try (EnumerationFile file = EnumerationFile.resume(path, header)) {
        int written = file.rowsWritten();
        long[] reported = new long[] {-1};
        EnumerationMonitor stopping = new StopAfter(4, reported);
        complete = new Enumerator(prompts, scorer).complete(file, stopping);
        assertThat(reported[0]).isEqualTo(written);
        assertThat(before).doesNotContainAnyElementsOf(scorer.scored);
        before.addAll(scorer.scored);
      }
    }
    assertThat(runs).isGreaterThan(2);
    assertThat(before).hasSize(prompts.space().distinctPrompts());
    assertHoldsTheFormula(path);
  }

  /** Stops after some reports, and keeps the number of rows in the first. */
  private static final class StopAfter implements EnumerationMonitor {
    private final long[] first;
    private int left;

    StopAfter(int reports, long[] first) {
      this.left = reports;
      this.first = first;
    }

    @Override
    public void onProgress(long done, long total, long belowZero) {
      first[0] = first[0] < 0 ? done : first[0];
      left--;
    }

    @Override
    public boolean isCancelled() {
      return left <= 0;
    }
  }

  @Test
  void aChunkThatWasWrittenButNotMarkedIsComputedAgain() throws IOException {
    complete(path, header);
    int marks = Chunk.count(prompts.space());
    byte[] bytes = Files.readAllBytes(path);
    int marksAt = bytes.length - 4 * prompts.space().rows() - marks;
    bytes[marksAt + 5] = 0;
    Arrays.fill(bytes, bytes.length - 8, bytes.length, (byte) 7);
    bytes[marksAt + marks - 1] = 0;
    Files.write(path, bytes);
    assertThat(StoredEnumeration.read(path).rows().values()).contains(Float.NaN);
    FormulaScorer scorer = complete(path, header);
    assertThat(scorer.scored).hasSizeBetween(2 * 3, 2 * 12);
    assertHoldsTheFormula(path);
  }

  @Test
  void theFormatIsAsDocumented() throws IOException {
    complete(path, header);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[8];
    bytes.get(magic);
    assertThat(new String(magic, UTF_8)).isEqualTo("HLIOIENU");
    assertThat(bytes.getInt()).isEqualTo(1);
    byte[] text = new byte[bytes.getInt()];
    bytes.get(text);
    assertThat(new String(text, UTF_8))
        .contains("model\tioi-demo\n", "bos\tPREPEND\n", "names\tMichael\tJessica\tMary\tJohn\n");
    for (int chunk = 0; chunk < 3 * 4; chunk++) {
      assertThat(bytes.get()).isEqualTo((byte) 1);
    }
    for (int row = 0; row < 144; row++) {
      assertThat(bytes.getFloat()).isEqualTo(FormulaScorer.hash(prompts.prompt(row)));
    }
    assertThat(bytes.hasRemaining()).isFalse();
  }

  @Test
  void anotherRunIsRefusedAndToldWhatDiffers() throws IOException {
    complete(path, header);
    PromptTokens withoutBos = PromptTokens.of(model, Spaces.small(), Bos.NONE);
    assertRefused(EnumerationHeader.of(model, withoutBos, Shard.whole()), "bos: PREPEND, not NONE");
    PromptTokens fewer =
        PromptTokens.of(model, Spaces.small().without(List.of("Mary")), Bos.PREPEND);
    assertRefused(EnumerationHeader.of(model, fewer, Shard.whole()), "names: has [Mary]");
    assertRefused(header.withShard(new Shard(2, 3)), "shard: 1/1, not 2/3");
    try (HookedGpt2 processed = model.processed(WeightProcessing.transformerLens())) {
      assertThat(ModelHash.of(processed.engine())).isNotEqualTo(header.weights());
      assertRefused(
          EnumerationHeader.of(processed, prompts, Shard.whole()),
          "weights-sha256: " + header.weights() + ", not ",
          "processing: none, not ");
    }
  }

  private void assertRefused(EnumerationHeader other, String... reasons) {
    assertThatThrownBy(() -> EnumerationFile.resume(path, other).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(path + " is of another run: ")
        .hasMessageContainingAll(reasons);
  }

  @Test
  void theHashIsOfTheWeightsAndNothingElse() throws IOException {
    try (HookedGpt2 again = HookedGpt2.load(Fixtures.model("ioi-demo"));
        HookedGpt2 tiny = HookedGpt2.load(Fixtures.model("tiny"))) {
      assertThat(ModelHash.of(again.engine())).isEqualTo(header.weights()).matches("[0-9a-f]{64}");
      assertThat(ModelHash.of(tiny.engine())).isNotEqualTo(header.weights());
    }
  }

  @Test
  void aFileIsWrittenByOneRunAtATime() throws IOException {
    try (EnumerationFile first = EnumerationFile.resume(path, header)) {
      assertThat(first.rowsWritten()).isZero();
      assertThatThrownBy(() -> EnumerationFile.resume(path, header).close())
          .isInstanceOf(IOException.class)
          .hasMessage(path + " is being written by another run");
    }
  }

  @Test
  void aDamagedFileIsRefused() throws IOException {
    complete(path, header);
    byte[] whole = Files.readAllBytes(path);
    for (int length : new int[] {0, 7, 15, 100, whole.length - 1}) {
      assertUnreadable(Arrays.copyOf(whole, length));
    }
    assertUnreadable(Arrays.copyOf(whole, whole.length + 1));
    byte[] otherVersion = whole.clone();
    otherVersion[8] = 2;
    assertUnreadable(otherVersion);
    byte[] hugeHeader = whole.clone();
    Arrays.fill(hugeHeader, 12, 16, (byte) 127);
    assertUnreadable(hugeHeader);
    byte[] noHeader = whole.clone();
    Arrays.fill(noHeader, 16, 60, (byte) ' ');
    assertUnreadable(noHeader);
  }

  private void assertUnreadable(byte[] bytes) throws IOException {
    Path damaged = Files.write(folder.resolve("damaged"), bytes);
    assertThatThrownBy(() -> StoredEnumeration.read(damaged))
        .isInstanceOf(EnumerationFormatException.class)
        .hasMessageStartingWith(damaged + " cannot be read as an enumeration: ");
  }

  @Test
  void mergedShardsAreTheFileOfOneRun() throws IOException {
    complete(path, header);
    Path merged = folder.resolve("merged");
    EnumerationMerge.merge(List.of(shard(3, 3), shard(1, 3), shard(2, 3)), merged);
    assertThat(merged).hasSameBinaryContentAs(path);
  }

  @Test
  void gapsOverlapsAndStrangersAreNotMerged() throws IOException {
    Path merged = folder.resolve("merged");
    Path first = shard(1, 2);
    assertThatThrownBy(() -> EnumerationMerge.merge(List.of(first), merged))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no file has template 1, S Jessica: ");
    assertThatThrownBy(() -> EnumerationMerge.merge(List.of(first, shard(1, 3)), merged))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("both ");
    EnumerationFile.resume(folder.resolve("begun"), header.withShard(new Shard(2, 2))).close();
    assertThatThrownBy(
            () -> EnumerationMerge.merge(List.of(first, folder.resolve("begun")), merged))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shard 2/2")
        .hasMessageEndingWith("is not finished");
    PromptTokens withoutBos = PromptTokens.of(model, Spaces.small(), Bos.NONE);
    Path stranger = folder.resolve("stranger");
    EnumerationFile.resume(stranger, EnumerationHeader.of(model, withoutBos, new Shard(2, 2)))
        .close();
    assertThatThrownBy(() -> EnumerationMerge.merge(List.of(first, stranger), merged))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("are of different runs")
        .hasMessageContaining("bos: NONE, not PREPEND");
    assertThat(merged).doesNotExist();
    complete(path, header);
    assertThatThrownBy(() -> EnumerationMerge.merge(List.of(path), path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("exists");
  }

  @Test
  void aShardIsWrittenLikeTwoOfFive() {
    assertThat(Shard.parse("2/5")).isEqualTo(new Shard(2, 5)).hasToString("2/5");
    for (String wrong : List.of("", "2", "0/3", "4/3", "1/0", "-1/2", "1/2/3", "1/1001", "a/b")) {
      assertThatThrownBy(() -> Shard.parse(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void theTableHasARowForEachPromptInTheOrderOfRows() throws IOException {
    complete(path, header);
    Path csv = folder.resolve("rows.csv");
    EnumerationCsv.write(csv, StoredEnumeration.read(path).rows());
    List<String> lines = Files.readAllLines(csv);
    assertThat(lines).hasSize(145);
    assertThat(lines.get(0)).isEqualTo("template,place,object,S,IO,logit_difference");
    assertThat(lines.get(1))
        .isEqualTo("1,store,ring,Michael,Jessica," + FormulaScorer.hash(prompts.prompt(0)));
    assertThat(lines.get(144))
        .isEqualTo("3,garden,drink,John,Mary," + FormulaScorer.hash(prompts.prompt(143)));
  }

  private Path shard(int index, int count) throws IOException {
    Path shard = folder.resolve("shard-%d-of-%d".formatted(index, count));
    complete(shard, header.withShard(new Shard(index, count)));
    return shard;
  }

  private static FormulaScorer complete(Path path, EnumerationHeader header) throws IOException {
    FormulaScorer scorer = FormulaScorer.byHash();
    try (EnumerationFile file = EnumerationFile.resume(path, header)) {
      assertThat(new Enumerator(prompts, scorer).complete(file, EnumerationMonitor.NONE)).isTrue();
    }
    return scorer;
  }

  private static void assertHoldsTheFormula(Path path) throws IOException {
    float[] values = StoredEnumeration.read(path).rows().values();
    for (int row = 0; row < values.length; row++) {
      assertThat(values[row]).isEqualTo(FormulaScorer.hash(prompts.prompt(row)));
    }
  }
}
