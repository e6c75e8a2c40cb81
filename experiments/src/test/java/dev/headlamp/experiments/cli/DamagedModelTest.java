package dev.headlamp.experiments.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model folder whose files are damaged is refused in one line that names the file. */
class DamagedModelTest {

  @TempDir private Path folder;
  private Path weights;
  private Path config;

  @BeforeEach
  void copyTheTinyModel() throws IOException {
    weights = folder.resolve("model.safetensors");
    config = folder.resolve("config.json");
    Files.copy(Fixtures.file("tiny", "model.safetensors"), weights);
    Files.copy(Fixtures.file("tiny", "config.json"), config);
  }

  private void assertRefused(String... saying) {
    CommandLineRun run =
        CommandLineRun.of("prompt", "--tokens", "1,2", "--model", folder.toString());
    assertThat(run.err()).startsWith("headlamp: " + folder).contains(saying).hasLineCount(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.status()).isEqualTo(2);
  }

  private void damageConfig(String from, String to) throws IOException {
    String text = Files.readString(config);
    assertThat(text).contains(from);
    Files.writeString(config, text.replace(from, to));
  }

  /** Replaces the header's JSON, and states its new length. */
  private void damageHeader(UnaryOperator<String> damage) throws IOException {
    byte[] bytes = Files.readAllBytes(weights);
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String header = new String(bytes, 8, length, UTF_8);
    String damaged = damage.apply(header);
    assertThat(damaged).isNotEqualTo(header);
    byte[] newHeader = damaged.getBytes(UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(bytes.length - length + newHeader.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(newHeader.length).put(newHeader).put(bytes, 8 + length, bytes.length - 8 - length);
    Files.write(weights, file.array());
  }

  private void stateHeaderLength(long length) throws IOException {
    byte[] bytes = Files.readAllBytes(weights);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    Files.write(weights, bytes);
  }

  @Test
  void theCopyItselfIsSound() {
    assertThat(
            CommandLineRun.of("prompt", "--tokens", "1,2", "--model", folder.toString()).status())
        .isZero();
  }

  @Test
  void truncatedWeightsAreRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(bytes, bytes.length - 100));
    assertRefused("model.safetensors");
  }

  @Test
  void emptyWeightsAreRefused() throws IOException {
    Files.write(weights, new byte[0]);
    assertRefused("model.safetensors");
  }

  @Test
  void weightsThatAreNoSafetensorsAreRefused() throws IOException {
    Files.writeString(weights, "<!DOCTYPE html>\n<html>\nnot found\n</html>\n");
    assertRefused("model.safetensors");
  }

  @Test
  void impossibleHeaderLengthsAreRefused() throws IOException {
    for (long length : new long[] {0, 1, Long.MIN_VALUE, -1, Long.MAX_VALUE, 1 << 20}) {
      stateHeaderLength(length);
      assertRefused("model.safetensors", "header");
    }
  }

  @Test
  void overlappingTensorsAreRefused() throws IOException {
    damageHeader(
        header -> {
          Matcher offsets = Pattern.compile("\"data_offsets\": ?\\[\\d+, ?\\d+]").matcher(header);
          assertThat(offsets.find()).isTrue();
          return header.replaceFirst(
              "\"data_offsets\": ?\\[\\d+, ?(\\d+)]", "\"data_offsets\":[4,$1]");
        });
    assertRefused("model.safetensors");
  }

  @Test
  void aMissingTensorIsNamed() throws IOException {
    damageHeader(header -> header.replace("\"wte.weight\"", "\"wtf.weight\""));
    assertRefused("wte.weight");
  }

  @Test
  void aTensorOfAnotherShapeIsNamed() throws IOException {
    damageHeader(header -> header.replaceFirst("\\[101, ?32]", "[32,101]"));
    assertRefused("wte.weight", "[101, 32]", "[32, 101]");
  }

  @Test
  void anotherArchitectureIsNamed() throws IOException {
    damageConfig("\"gpt2\"", "\"llama\"");
    assertRefused("config.json", "llama");
  }

  @Test
  void whatATerminalWouldObeyIsNotPassedOn() throws IOException {
    damageConfig("\"gpt2\"", "\"\\u001b]0;title\\u0007\\u009b2J\"");
    assertRefused("config.json", "]0;title");
    CommandLineRun run = CommandLineRun.of("prompt", "--tokens", "1", "--model", folder.toString());
    assertThat(run.err().strip()).doesNotContainPattern("[\\x00-\\x1f\\x7f-\\x9f]");
  }

  @Test
  void aConfigThatIsNoJsonIsRefused() throws IOException {
    Files.writeString(config, "{\"n_layer\": 2,");
    assertRefused("config.json");
  }

  @Test
  void anImpossibleConfigIsRefused() throws IOException {
    damageConfig("\"n_head\": 4", "\"n_head\": 5");
    CommandLineRun run = CommandLineRun.of("prompt", "--tokens", "1", "--model", folder.toString());
    assertThat(run.err()).startsWith("headlamp: ").hasLineCount(1);
    assertThat(run.status()).isEqualTo(2);
  }

  @Test
  void aTokenizerThatIsNoneIsRefused() throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), "{}");
    assertRefused("tokenizer.json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"prompt", "run", "cache"})
  void weightsThatAreNoNumbersAreNoticed(String command) throws IOException {
    byte[] bytes = Files.readAllBytes(weights);
    int data = 8 + (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    Arrays.fill(bytes, data, bytes.length, (byte) 0xff);
    Files.write(weights, bytes);
    List<String> arguments =
        new ArrayList<>(List.of(command, "--tokens", "1,2", "--model", folder.toString()));
    if (command.equals("cache")) {
      arguments.addAll(List.of("--out", folder.resolve("out").toString()));
    }
    CommandLineRun run = CommandLineRun.of(arguments.toArray(String[]::new));
    assertThat(run.err()).containsAnyOf("gives logits that are NaN", "a logit is NaN");
    assertThat(run.err()).hasLineCount(1);
    assertThat(run.status()).isEqualTo(2);
  }

  @Test
  void thePointWhereTheFirstNanStandsIsNamedOnRequest() throws IOException {
    byte[] bytes = Files.readAllBytes(weights);
    int data = 8 + (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    Arrays.fill(bytes, data, bytes.length, (byte) 0xff);
    Files.write(weights, bytes);
    CommandLineRun run =
        CommandLineRun.of(
            "prompt", "--tokens", "1,2", "--detect-nan", "--model", folder.toString());
    assertThat(run.err()).contains("NaN at hook_embed, the first point").hasLineCount(1);
    assertThat(run.status()).isEqualTo(2);
  }
}
