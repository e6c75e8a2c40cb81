package dev.headlamp.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Wrong input is one line on stderr that says what, the rule and where; exit status 2. */
class WrongInputTest {

  @TempDir private Path folder;

  static Stream<Arguments> onTheDemoModel() {
    return Stream.of(
        wrong("'float16' is not float32 or float64", "prompt", "a", "--dtype", "float16"),
        wrong("--threads must be 1 to 256, not 0", "prompt", "a", "--threads", "0"),
        wrong("--threads must be 1 to 256, not 100000", "prompt", "a", "--threads", "100000"),
        wrong("'x' is not an int", "prompt", "a", "--threads", "x"),
        wrong("no prompt: give a text, or --tokens with token ids", "prompt"),
        wrong("prompt 1 is empty: it needs at least one token", "prompt", ""),
        wrong("an empty prompt", "prompt", "--tokens", ""),
        wrong("'x' is no token id", "prompt", "--tokens", "1,x"),
        wrong("'' is no token id", "prompt", "--tokens", "1,,2"),
        wrong(
            "--tokens 2: token id 1036 is out of range: ioi-demo has ids 0 to 1035",
            "prompt",
            "--tokens",
            "1",
            "--tokens",
            "1036"),
        wrong("--tokens 1: token id -1 is out of range", "prompt", "--tokens=-1"),
        wrong("text and token ids cannot be mixed", "prompt", "a", "--tokens", "1"),
        wrong("prompt 1 has 81 tokens: ioi-demo sees at most 64", "prompt", " Mary".repeat(80)),
        wrong(
            "--answer: \" Marymary\" is not a single token but",
            "prompt",
            "a",
            "--answer",
            " Marymary"),
        wrong(
            "--answer-token: token id 2000 is out of range",
            "prompt",
            "a",
            "--answer-token",
            "2000"),
        wrong("--top must be 0 or more, not -1", "prompt", "a", "--top", "-1"),
        wrong(
            "layer 4 is out of range: ioi-demo has layers 0 to 3",
            "prompt",
            "a",
            "--ablate",
            "4.0"),
        wrong(
            "head 8 is out of range: ioi-demo has heads 0 to 7", "prompt", "a", "--ablate", "0.8"),
        wrong("'7' is no head", "prompt", "a", "--ablate", "7"),
        wrong("max-new-tokens (0) must be positive", "run", "a", "-n", "0"),
        wrong("top-k (-1) must be 0 or more", "run", "a", "--top-k", "-1"),
        wrong("top-p (2.0) must be in (0, 1]", "run", "a", "--top-p", "2"),
        wrong(
            "temperature (-1.0) must be a finite number, 0 or more",
            "run",
            "a",
            "--temperature",
            "-1"),
        wrong(
            "temperature (Infinity) must be a finite number, 0 or more",
            "run",
            "a",
            "--temperature",
            "Infinity"),
        wrong(
            "temperature (NaN) must be a finite number, 0 or more",
            "run",
            "a",
            "--temperature",
            "NaN"),
        wrong("top-p (0.0) must be in (0, 1]", "run", "a", "--top-p", "0"),
        wrong("64 are to be added: ioi-demo sees at most 64", "run", "a", "-n", "64"),
        wrong("Unknown option: '--nonsense' (see headlamp run --help)", "run", "--nonsense"));
  }

  static Stream<Arguments> whileItWouldWriteFiles() {
    return Stream.of(
        wrong("--points: no point 'zz'; choose from resid_pre", "patch", "--points", "zz"),
        wrong(
            "--points: 'z0' names a layer, and every layer is patched: use z",
            "patch",
            "--points",
            "z0"),
        wrong(
            "more than one point 'scale'; choose from ln1.hook_scale, ln2.hook_scale",
            "patch",
            "--points",
            "scale"),
        wrong("no point 'foo' in ioi-demo; the nearest are", "cache", "a", "--points", "foo"),
        wrong("layer 9 is out of range", "cache", "a", "--points", "z9"),
        wrong(
            "--answer is missing", "patch", "--clean", "a", "--corrupted", "b", "--wrong", " Mary"),
        wrong("--clean is missing", "patch", "--answer", " John"),
        wrong(
            "--wrong-token is missing",
            "patch",
            "--clean-tokens",
            "1",
            "--corrupted-tokens",
            "1",
            "--answer-token",
            "1"),
        wrong("text and token ids cannot be mixed", "patch", "--clean", "a", "--answer-token", "1"),
        wrong("--pairs must be 1 to 1000, not 0", "patch", "--pairs", "0"),
        wrong("--pairs must be 1 to 1000, not 1000000000", "patch", "--pairs", "1000000000"),
        wrong(
            "as its right and its wrong answer: they have no difference",
            texts(" Mary", " John", " Mary", " Mary")),
        wrong(
            "prompt 1 has 2 tokens clean and 3 corrupted: patching goes position by position",
            texts(" Mary", " Mary went", " Mary", " John")),
        wrong("--clean 1 is empty", texts("", " Mary", " Mary", " John")),
        wrong(
            "is not a single token but 2: [\" gave\", \" Mary\"]",
            texts(" Mary", " John", " gave Mary", " John")),
        wrong(
            "there are 2 right answers for 1 prompts: give one for all, or one for each",
            texts(" Mary", " John", " Mary", " John", "--answer", " John")),
        wrong(
            "there are 2 clean and 1 corrupted prompts",
            texts(" Mary", " John", " Mary", " John", "--clean", " John")));
  }

  private static String[] texts(
      String clean, String corrupted, String answer, String wrong, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "patch",
                "--clean",
                clean,
                "--corrupted",
                corrupted,
                "--answer",
                answer,
                "--wrong",
                wrong));
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }

  private static Arguments wrong(String message, String... args) {
    return arguments(message, args);
  }

  @ParameterizedTest
  @MethodSource("onTheDemoModel")
  void itIsRefused(String message, String[] args) {
    assertRefused(onDemo(args), message);
  }

  @ParameterizedTest
  @MethodSource("whileItWouldWriteFiles")
  void itIsRefusedAndNothingWritten(String message, String[] args) throws IOException {
    List<String> all = new ArrayList<>(Arrays.asList(args));
    all.addAll(List.of("--out", folder.toString()));
    assertRefused(onDemo(all.toArray(String[]::new)), message);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  private static CommandLineRun onDemo(String[] args) {
    return CommandLineRun.on("ioi-demo", args[0], Arrays.copyOfRange(args, 1, args.length));
  }

  private static void assertRefused(CommandLineRun run, String message) {
    assertThat(run.err()).startsWith("headlamp: ").contains(message).hasLineCount(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.status()).isEqualTo(2);
  }

  @Test
  void anOutputFolderThatIsAFileIsRefusedBeforeTheModelIsRead() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    CommandLineRun run =
        CommandLineRun.of("patch", "--out", file.toString(), "--model", "/no/such/model");
    assertRefused(run, "cannot write to " + file + ": it is a file, not a folder");
  }

  @Test
  void anOutputFolderThatCannotBeMadeIsRefused() throws IOException {
    Path inside = Files.createFile(folder.resolve("file")).resolve("inside");
    assertRefused(
        CommandLineRun.of("patch", "--out", inside.toString()), "cannot write to " + inside);
  }

  @Test
  void aFolderInTheWayOfAFileIsRefused() throws IOException {
    Path inTheWay = Files.createDirectory(folder.resolve("patching.csv"));
    assertRefused(
        CommandLineRun.of("patch", "--out", folder.toString()),
        "cannot write " + inTheWay + ": it is a folder");
  }

  @Test
  void aModelWithoutTokenizerTakesNoText() {
    String rule = "tiny has no tokenizer: give token ids instead of text";
    assertRefused(CommandLineRun.on("tiny", "prompt", "hello"), rule);
    assertRefused(CommandLineRun.on("tiny", "patch", "--out", folder.toString()), rule);
    assertRefused(CommandLineRun.on("tiny", "prompt", "--tokens", "1", "--answer", "a"), rule);
  }

  @Test
  void aModelThatIsNotThereIsRefused() {
    assertRefused(
        CommandLineRun.of("prompt", "a", "--model", folder.resolve("none").toString()),
        "'" + folder.resolve("none") + "' is neither a folder that exists nor the name of a model");
    Path file = Fixtures.file("tiny", "config.json");
    assertRefused(
        CommandLineRun.of("prompt", "a", "--model", file.toString()),
        file + " is a file, not a model folder");
    assertRefused(
        CommandLineRun.of("prompt", "a", "--model", folder.toString()),
        "the folder " + folder + " has no model.safetensors");
  }

  @Test
  void anUnknownCommandIsRefused() {
    assertRefused(CommandLineRun.of("nonsense"), "'nonsense' (see headlamp --help)");
  }

  @Test
  void helpListsTheCommandsAndIsNoError() {
    CommandLineRun run = CommandLineRun.of("--help");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("patch", "prompt", "run", "cache");
    assertThat(CommandLineRun.of()).isEqualTo(run);
    assertThat(CommandLineRun.of("patch", "--help").out())
        .contains("--clean-tokens", "--corrupted-tokens", "--points", "--noising");
  }
}
