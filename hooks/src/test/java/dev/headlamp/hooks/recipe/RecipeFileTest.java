package dev.headlamp.hooks.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.Positions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a recipe's file may say, and what is said of one that says something else. */
class RecipeFileTest {

  private static final String MODEL =
      """
      "model": {"name": "small", "layers": 2, "heads": 4, "d_model": 32, "d_mlp": 128,
                "d_vocab": 101, "processing": "none"}""";

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameAFile() {
    file = folder.resolve("recipe.json");
  }

  private static String recipe(String step) {
    return """
        {"format": "headlamp interventions", "version": 1, %s, "interventions": [%s]}"""
        .formatted(MODEL, step);
  }

  private Recipe read(String text) throws IOException {
    Files.writeString(file, text);
    return Recipe.read(file);
  }

  @Test
  void aFileWrittenByHand() throws IOException {
    Recipe recipe =
        read(
            recipe(
                """
                {"point": "z1", "heads": [3, 0], "positions": "last", "kind": "scale", "factor": 2},
                {"point": "blocks.0.attn.hook_attn_scores", "positions": [[1, 2]], "sources": [0],
                 "kind": "knock_out"}"""));
    assertThat(recipe.model())
        .isEqualTo(new RecipeModel("small", 2, 4, 32, 128, 101, WeightProcessing.none()));
    assertThat(recipe.steps())
        .containsExactly(
            new Step(
                HookPoint.of(Activation.Z, 1),
                Part.everything().heads(3, 0).at(Positions.last()),
                new Action.Scale(2)),
            new Step(
                HookPoint.of(Activation.ATTN_SCORES, 0),
                Part.everything().at(1, 2).sources(0),
                new Action.KnockOut()));
    assertThat(read(recipe("")).steps()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'point': 'z2', 'kind': 'zero'} | interventions[0].point: | layer 2 is out of range: small has layers 0 to 1",
        "{'point': 'nonsense', 'kind': 'zero'} | interventions[0].point: | nonsense",
        "{'kind': 'zero'} | interventions[0]: | field 'point' is missing",
        "{'point': 'z1'} | interventions[0]: | field 'kind' is missing",
        "{'point': 'z1', 'kind': 'erase'} | interventions[0].kind: | unknown kind 'erase'",
        "{'point': 'z1', 'kind': 'zero', 'head': [1]} | interventions[0]: | unknown field 'head'",
        "{'point': 'z1', 'kind': 'zero', 'factor': 1} | interventions[0]: | unknown field 'factor'",
        "{'point': 'z1', 'kind': 'zero', 'heads': []} | interventions[0].heads: | an empty list",
        "{'point': 'z1', 'kind': 'zero', 'heads': [-1]} | interventions[0].heads[0]: | from 0 to",
        "{'point': 'z1', 'kind': 'zero', 'heads': [1.5]} | interventions[0].heads[0]: | expected a whole number, found 1.5",
        "{'point': 'z1', 'kind': 'zero', 'heads': 3} | interventions[0].heads: | expected a list, found 3",
        "{'point': 'z1', 'kind': 'zero', 'positions': 'end'} | interventions[0].positions: | found 'end'",
        "{'point': 'z1', 'kind': 'zero', 'positions': [1]} | interventions[0].positions[0]: | expected a list",
        "{'point': 'z1', 'kind': 'zero', 'positions': [[1],[1,2]]} | interventions[0].positions: | the same number",
        "{'point': 'z1', 'kind': 'scale'} | interventions[0]: | field 'factor' is missing",
        "{'point': 'z1', 'kind': 'scale', 'factor': '2'} | interventions[0].factor: | expected a number, found 2",
        "{'point': 'z1', 'kind': 'scale', 'factor': 1e999} | interventions[0]: | is not finite",
        "{'point': 'z1', 'kind': 'noise', 'standard_deviation': -1, 'seed': 0} | interventions[0]: | -1.0",
        "{'point': 'z1', 'kind': 'knock_out', 'sources': [0]} | interventions[0]: | attn_scores",
        "{'point': 'z1', 'kind': 'replace', 'from': {}} | interventions[0].from: | 'array' is missing",
        "{'point': 'z1', 'kind': 'replace', 'from': {'tokens': []}} | interventions[0].from: | no prompts",
        "{'point': 'z1', 'kind': 'replace', 'from': {'texts': ['a']}} | interventions[0].from: | 'bos' is missing",
        "{'point': 'z1', 'kind': 'add', 'from': {'array': '0'}} | interventions[0].from.array: | names no file of arrays",
        "{'point': 'z1', 'kind': 'mean', 'over': 'all', 'from': {'tokens': [[1]]}} | interventions[0].over: | found 'all'",
        "{'point': 'z1', 'point': 'z1', 'kind': 'zero'} | document: | Duplicate field 'point'",
        "null | interventions[0]: | null is no value",
        "7 | interventions[0]: | expected an object, found 7",
      })
  void aStepThatIsNoneIsRefusedWithItsPlace(String step, String place, String problem) {
    assertRefused(recipe(step.replace('\'', '"')), place, problem);
  }

  @Test
  void aFileThatIsNoRecipeIsRefused() {
    String good = recipe("");
    assertRefused("", "document:", "the file is empty");
    assertRefused("[", "document:", "no JSON");
    assertRefused("[".repeat(100_000), "document:", "no JSON");
    assertRefused(good + "{}", "document:", "something follows its end");
    assertRefused("{}", "document:", "field 'format' is missing");
    assertRefused(good.replace("headlamp", "other"), "format:", "found 'other interventions'");
    assertRefused(
        good.replace("\"version\": 1", "\"version\": 2"),
        "version:",
        "version 2 is unknown: version 1 is read");
    assertRefused(
        good.replace("\"version\"", "\"note\": \"\", \"version\""), "document:", "field 'note'");
    assertRefused(good.replace("\"layers\": 2", "\"layers\": 0"), "model:", "nLayers (0)");
    assertRefused(good.replace("\"none\"", "\"some\""), "model.processing:", "'some'");
  }

  private void assertRefused(String text, String place, String problem) {
    assertThatExceptionOfType(RecipeFormatException.class)
        .isThrownBy(() -> read(text))
        .withMessageStartingWith(file + ": " + place)
        .withMessageContaining(problem);
  }

  @Test
  void arraysThatAreNotThereAreRefused() throws IOException {
    try (INDArray array = Nd4j.createFromArray(1f, 2f)) {
      Step step =
          new Step(
              HookPoint.of(Activation.Z, 1),
              Part.everything().neurons(0, 1),
              new Action.Add(StoredArray.of(array)));
      RecipeModel model = new RecipeModel("small", 2, 4, 32, 128, 101, WeightProcessing.none());
      Recipe recipe = new Recipe(model, List.of(step));
      recipe.write(file);
      assertThat(Recipe.read(file)).isEqualTo(recipe);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> recipe.write(folder.resolve("recipe.txt")));
    }
    String text = Files.readString(file);
    assertRefused(
        text.replace("\"array\" : \"0\"", "\"array\" : \"1\""),
        "interventions[0].from.array:",
        "holds no array '1'");
    assertRefused(
        text.replace("recipe.arrays", "../recipe.arrays"),
        "arrays:",
        "expected the name of a file in the same folder");
    Files.delete(folder.resolve("recipe.arrays.safetensors"));
    assertRefused(text, "arrays:", "there is no file");
  }
}
