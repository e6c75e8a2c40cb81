package dev.headlamp.hooks.report;

import static dev.headlamp.hooks.report.LabelledArray.ABSENT;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ArrayFilesTest {

  private static final List<String> AWKWARD_TOKENS =
      List.of(" to", ",", "\"", "a\nb", "\r\n", "é", "trailing ");
  private static final double[] AWKWARD_VALUES = {
    0.1, -1.0 / 3, Double.MIN_VALUE, -1.7976931348623157e308, ABSENT, 1e-7, 12
  };

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameAFile() {
    file = folder.resolve("result");
  }

  private static LabelledArray awkward() {
    Axis token = new Axis("token, \"quoted\"", AWKWARD_TOKENS);
    return LabelledArray.of("awkward", "logits", List.of(token), AWKWARD_VALUES);
  }

  private static LabelledArray grid() {
    return LabelledArray.of(
        "grid",
        "logits",
        List.of(Axis.numbered("layer", 2), Axis.of("head", "a", "b", "c")),
        1.5,
        -2,
        ABSENT,
        0,
        Double.NEGATIVE_INFINITY,
        6);
  }

  @Test
  void aTableHasARowAndAColumnForEachLabel() throws IOException {
    ArrayFiles.writeCsvTable(file, grid());
    assertThat(Files.readString(file))
        .isEqualTo("layer,a,b,c\r\n0,1.5,-2.0,\r\n1,0.0,-Infinity,6.0\r\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArrayFiles.writeCsvTable(file, awkward()))
        .withMessage("a table has two axes, rows and columns: 'awkward' has 1");
    assertThat(file).exists();
  }

  @Test
  void csvHasARowForEachValueInCOrder() throws IOException {
    ArrayFiles.writeCsv(file, List.of(grid()));

    assertThat(Files.readString(file))
        .isEqualTo(
            """
            layer,head,value\r
            0,a,1.5\r
            0,b,-2.0\r
            0,c,\r
            1,a,0.0\r
            1,b,-Infinity\r
            1,c,6.0\r
            """);
  }

  @Test
  void labelsAndNumbersComeBackFromCsvAsTheyWere() throws IOException {
    ArrayFiles.writeCsv(file, List.of(awkward()));

    List<List<String>> rows = parseCsv(Files.readString(file));
    assertThat(rows.get(0)).containsExactly("token, \"quoted\"", "value");
    assertThat(rows).hasSize(1 + AWKWARD_VALUES.length);
    for (int i = 0; i < AWKWARD_VALUES.length; i++) {
      assertThat(rows.get(i + 1).get(0)).isEqualTo(AWKWARD_TOKENS.get(i));
      String number = rows.get(i + 1).get(1);
      Double read = number.isEmpty() ? ABSENT : Double.parseDouble(number);
      assertThat(read).isEqualTo(Double.valueOf(AWKWARD_VALUES[i]));
    }
  }

  @Test
  void labelsThatStartOrEndWithASpaceAreQuotedForReadersThatTrim() throws IOException {
    ArrayFiles.writeCsv(file, List.of(awkward()));

    assertThat(Files.readString(file)).contains("\" to\",0.1").contains("\"trailing \",12.0");
  }

  @Test
  void resultsOfDifferentAxesShareOneTable() throws IOException {
    Axis layer = Axis.numbered("layer", 1);
    LabelledArray heads =
        LabelledArray.of("heads", "", List.of(layer, Axis.numbered("head", 1)), 0.5);
    LabelledArray stream =
        LabelledArray.of("stream", "", List.of(Axis.of("position", "x"), layer), 0.25);

    ArrayFiles.writeCsv(file, List.of(heads, stream));

    assertThat(Files.readString(file))
        .isEqualTo("array,layer,head,position,value\r\nheads,0,0,,0.5\r\nstream,0,,x,0.25\r\n");
  }

  @Test
  void resultsThatCouldNotBeToldApartAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArrayFiles.writeCsv(file, List.of(grid(), grid())))
        .withMessageContaining("[grid, grid]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArrayFiles.writeCsv(file, List.of()))
        .withMessageContaining("at least 1 result");
  }

  @Test
  void jsonNestsValuesAndWritesAbsentOnesAsNull() throws IOException {
    ArrayFiles.writeJson(file, Map.of("model", "gpt2 \"small\""), List.of(grid()));

    assertThat(Files.readString(file))
        .isEqualTo(
            """
            {"metadata":{"model":"gpt2 \\"small\\""},"arrays":[{"name":"grid","unit":"logits",\
            "shape":[2,3],"axes":[{"name":"layer","labels":["0","1"]},\
            {"name":"head","labels":["a","b","c"]}],\
            "values":[[1.5,-2.0,null],[0.0,"-Infinity",6.0]]}]}""");
  }

  @Test
  void npyStartsWithTheHeaderThatNumpySpecifies() throws IOException {
    ArrayFiles.writeNpy(file, grid());

    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[8];
    bytes.get(magic);
    assertThat(magic).containsExactly(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0);
    byte[] header = new byte[bytes.getShort()];
    bytes.get(header);
    assertThat(bytes.position() % 64).isZero();
    assertThat(new String(header, US_ASCII))
        .startsWith("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }")
        .endsWith(" \n");
    double[] values = new double[6];
    bytes.asDoubleBuffer().get(values);
    assertThat(values).containsExactly(grid().values());
    assertThat(bytes.remaining()).isEqualTo(6 * Double.BYTES);
  }

  @Test
  void theShapeOfOneAxisAndOfNoneAreTuplesOfPython() throws IOException {
    LabelledArray row = LabelledArray.of("row", "", List.of(Axis.numbered("layer", 2)), 1, 2);

    ArrayFiles.writeNpy(file, row);
    assertThat(Files.readString(file, ISO_8859_1)).contains("'shape': (2,), }");
    ArrayFiles.writeNpy(file, row.slice("layer", 0));
    assertThat(Files.readString(file, ISO_8859_1)).contains("'shape': (), }");
  }

  @Test
  void nd4jReadsTheNpyFile() throws IOException {
    double[] values = {1, 2, 3, 4, 5, 1.0 / 3};
    ArrayFiles.writeNpy(file, LabelledArray.of("grid", "", grid().axes(), values));

    try (INDArray read = Nd4j.createFromNpyFile(file.toFile())) {
      assertThat(read.shape()).containsExactly(2, 3);
      assertThat(Arrays.stream(read.toDoubleMatrix()).flatMapToDouble(Arrays::stream).toArray())
          .containsExactly(values);
    }
  }

  @Test
  void safetensorsKeepNumbersAndSayWhatTheyMean() throws IOException {
    LabelledArray single = LabelledArray.of("one \u00e9", "", List.of(), 0.1);
    ArrayFiles.writeSafetensors(file, List.of(awkward(), grid(), single));

    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertThat(read.names()).containsExactly("awkward", "grid", "one \u00e9");
      assertThat(read.info("grid").dtype()).isEqualTo("F64");
      assertThat(read.info("grid").shape()).containsExactly(2L, 3L);
      assertThat(read.info("one \u00e9").shape()).isEmpty();
      for (LabelledArray array : List.of(awkward(), grid(), single)) {
        assertThat(read.read(array.name()).data().asDouble()).containsExactly(array.values());
      }
      assertThat(read.metadata().get("grid"))
          .isEqualTo(
              """
              {"unit":"logits","axes":[{"name":"layer","labels":["0","1"]},\
              {"name":"head","labels":["a","b","c"]}]}""");
      assertThat(read.metadata().get("awkward")).contains("\"a\\nb\"");
    }
    assertThat(folder.toFile().list()).containsExactly("result");
  }

  @Test
  void resultsOfOneNameCannotShareASafetensorsFile() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArrayFiles.writeSafetensors(file, List.of(grid(), grid())))
        .withMessageContaining("[grid, grid]");
    assertThat(file).doesNotExist();
  }

  @Test
  void aFileThatWasThereIsReplaced() throws IOException {
    Files.writeString(file, "old");

    ArrayFiles.writeNpy(file, grid());

    assertThat(file).hasSize(128 + 6 * Double.BYTES);
    assertThat(folder.toFile().list()).containsExactly("result");
  }

  @Test
  void aMissingFolderIsNamed() {
    Path missing = folder.resolve("missing").resolve("result.csv");

    assertThatIOException()
        .isThrownBy(() -> ArrayFiles.writeCsv(missing, List.of(grid())))
        .withMessageContaining("cannot write " + missing)
        .withMessageContaining("there is no folder");
    assertThatIOException()
        .isThrownBy(() -> ArrayFiles.writeSafetensors(missing, List.of(grid())))
        .withMessageContaining("cannot write " + missing);
    assertThatIOException()
        .isThrownBy(() -> ArrayFiles.writeCsv(folder, List.of(grid())))
        .withMessage("cannot write " + folder + ": it is a folder");
  }

  @Test
  void whenWritingFailsTheOldFileStaysAndNothingElseIsLeft() throws IOException {
    Files.writeString(file, "old");

    assertThatIOException()
        .isThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(1);
                      throw new IOException("disk full");
                    }))
        .withMessageContaining(file.toString())
        .withMessageContaining("disk full");

    assertThat(file).hasContent("old");
    assertThat(folder.toFile().list()).containsExactly("result");
  }

  /** Reads CSV by the grammar of RFC 4180, character by character. */
  private static List<List<String>> parseCsv(String text) {
    List<List<String>> rows = new ArrayList<>();
    List<String> row = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
        cell.append(text.charAt(i++));
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && c == ',') {
        row.add(cell.toString());
        cell.setLength(0);
      } else if (!quoted && c == '\r' && text.charAt(i + 1) == '\n') {
        row.add(cell.toString());
        rows.add(row);
        row = new ArrayList<>();
        cell.setLength(0);
        i++;
      } else {
        cell.append(c);
      }
    }
    return rows;
  }
}
