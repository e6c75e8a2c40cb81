package dev.headlamp.experiments.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.experiments.ioi.IoiPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Circuits as files, and the two that are bundled. */
class CircuitFileTest {

  @TempDir private Path folder;

  @Test
  void thePapersCircuitHasItsTwentySixHeads() {
    Circuit circuit = CircuitFile.ofThePaper();
    assertThat(circuit.heads()).hasSize(26);
    assertThat(circuit.classes())
        .extracting(heads -> heads.heads().size())
        .containsExactly(3, 8, 2, 4, 4, 3, 2);
    assertThat(circuit.nodes(HeadRole.NAME_MOVER))
        .extracting(CircuitNode::toString)
        .containsExactly("9.9 at END", "10.0 at END", "9.6 at END");
    assertThat(circuit.nodes(HeadRole.PREVIOUS_TOKEN))
        .allMatch(node -> node.position() == IoiPosition.S1_PLUS_1);
    assertThat(circuit.nodes(HeadRole.INDUCTION, HeadRole.DUPLICATE_TOKEN))
        .allMatch(node -> node.position() == IoiPosition.S2);
    assertThat(circuit.checkedFor(Gpt2Config.gpt2())).isSameAs(circuit);
  }

  @Test
  void theNaiveCircuitIsPartOfIt() {
    assertThat(CircuitFile.naive().heads()).hasSize(13);
    assertThat(CircuitFile.ofThePaper().nodes()).containsAll(CircuitFile.naive().nodes());
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Path file = folder.resolve("circuit.json");
    CircuitFile.write(file, CircuitFile.ofThePaper());
    assertThat(CircuitFile.read(file)).isEqualTo(CircuitFile.ofThePaper());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "role": "name mover"| "colour": "red", "role": "name mover" | unknown field 'colour'
          "role": "name mover"| "role": "mover"                       | unknown role 'mover'
          "position": "END"   | "position": "S3"                      | unknown position 'S3'
          "position": "END",  |                                       | field position is missing
          ["1.2"]             | ["1-2"]                               | '1-2' is no head
          ["1.2"]             | ["1.2", "1.2"]                        | names a head twice
          ["1.2"]             | []                                    | has no heads
          ["1.2"]             | "1.2"                                 | field heads is 1.2
          """)
  void whatIsNoCircuitIsRefusedWithItsPlace(String right, String wrong, String message)
      throws IOException {
    String circuit =
        """
        {"name": "a", "source": "b", "classes": [
          {"role": "name mover", "position": "END", "heads": ["1.2"]}]}
        """;
    Path file = folder.resolve("circuit.json");
    Files.writeString(file, circuit);
    assertThat(CircuitFile.read(file).heads()).containsExactly(new Head(1, 2));
    Files.writeString(file, circuit.replace(right, wrong == null ? "" : wrong));
    assertThatThrownBy(() -> CircuitFile.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void aTruncatedFileIsNoJson() throws IOException {
    Path file = folder.resolve("circuit.json");
    Files.writeString(file, "{\"name\": \"a\"");
    assertThatThrownBy(() -> CircuitFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("circuit.json is not JSON");
  }

  @Test
  void aHeadThatTheModelHasNotIsRefused() {
    assertThatThrownBy(
            () -> CircuitFile.ofThePaper().checkedFor(Gpt2Config.ofSize("small", 4, 8, 128, 64, 9)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("out of range");
  }
}
