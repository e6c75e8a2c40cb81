package dev.headlamp.hooks.recipe;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.Positions;
import dev.headlamp.tokenizer.Bos;
import dev.headlamp.weights.SafetensorsWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Writes a recipe; see {@link Recipe#write}. */
final class RecipeWriter {

  private static final String JSON = ".json";

  /** Not just .safetensors: beside a model.json there may be a model. */
  private static final String ARRAYS = ".arrays.safetensors";

  private static final JsonFactory FACTORY = new JsonFactory();

  private final JsonGenerator json;
  private final Map<String, StoredArray> arrays = new LinkedHashMap<>();

  private RecipeWriter(JsonGenerator json) {
    this.json = json;
  }

  static void write(Path file, Recipe recipe) throws IOException {
    String name = String.valueOf(file.getFileName());
    if (!name.endsWith(JSON)) {
      throw new IllegalArgumentException("a recipe's file ends in .json, unlike " + file);
    }
    String arraysName = name.substring(0, name.length() - JSON.length()) + ARRAYS;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(bytes).useDefaultPrettyPrinter()) {
      RecipeWriter writer = new RecipeWriter(json);
      writer.recipe(recipe, arraysName);
      // Before the file that refers to it.
      writeArrays(file.resolveSibling(arraysName), writer.arrays);
    }
    Files.write(file, bytes.toByteArray());
  }

  private static void writeArrays(Path file, Map<String, StoredArray> stored) throws IOException {
    if (stored.isEmpty()) {
      return;
    }
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    try {
      stored.forEach((name, array) -> arrays.put(name, array.toArray(array.type())));
      SafetensorsWriter.write(file, arrays, Map.of(Fields.FORMAT, Fields.FORMAT_NAME));
    } finally {
      arrays.values().forEach(INDArray::close);
    }
  }

  private void recipe(Recipe recipe, String arraysName) throws IOException {
    json.writeStartObject();
    json.writeStringField(Fields.FORMAT, Fields.FORMAT_NAME);
    json.writeNumberField(Fields.VERSION, Fields.CURRENT_VERSION);
    model(recipe.model());
    json.writeArrayFieldStart(Fields.INTERVENTIONS);
    for (int i = 0; i < recipe.steps().size(); i++) {
      step(recipe.steps().get(i), Integer.toString(i));
    }
    json.writeEndArray();
    if (!arrays.isEmpty()) {
      json.writeStringField(Fields.ARRAYS, arraysName);
    }
    json.writeEndObject();
  }

  private void model(RecipeModel model) throws IOException {
    json.writeObjectFieldStart(Fields.MODEL);
    json.writeStringField(Fields.NAME, model.name());
    json.writeNumberField(Fields.LAYERS, model.nLayers());
    json.writeNumberField(Fields.HEADS, model.nHeads());
    json.writeNumberField(Fields.D_MODEL, model.dModel());
    json.writeNumberField(Fields.D_MLP, model.dMlp());
    json.writeNumberField(Fields.D_VOCAB, model.dVocab());
    json.writeStringField(Fields.PROCESSING, model.processing().toString());
    json.writeEndObject();
  }

  private void step(Step step, String arrayName) throws IOException {
    json.writeStartObject();
    json.writeStringField(Fields.POINT, step.point().name());
    part(step.part());
    action(step.action(), arrayName);
    json.writeEndObject();
  }

  private void part(Part part) throws IOException {
    numbers(Fields.HEADS, part.heads());
    if (part.positions() instanceof Positions.Last) {
      json.writeStringField(Fields.POSITIONS, Fields.LAST);
    } else if (part.positions() instanceof Positions.Listed listed) {
      json.writeArrayFieldStart(Fields.POSITIONS);
      for (List<Integer> row : listed.rows()) {
        numbers(row);
      }
      json.writeEndArray();
    }
    numbers(Fields.SOURCES, part.sources());
    numbers(Fields.NEURONS, part.neurons());
  }

  private void action(Action action, String arrayName) throws IOException {
    if (action instanceof Action.Zero) {
      kind(Fields.ZERO);
    } else if (action instanceof Action.Mean mean) {
      kind(Fields.MEAN);
      boolean perPosition = mean.over() == Action.Mean.Over.PROMPTS;
      json.writeStringField(Fields.OVER, perPosition ? Fields.OVER_PROMPTS : Fields.OVER_ALL);
      source(mean.from(), arrayName);
    } else if (action instanceof Action.Replace replace) {
      kind(Fields.REPLACE);
      source(replace.from(), arrayName);
    } else if (action instanceof Action.Add add) {
      kind(Fields.ADD);
      source(add.direction(), arrayName);
    } else if (action instanceof Action.Scale scale) {
      kind(Fields.SCALE);
      json.writeNumberField(Fields.FACTOR, scale.factor());
    } else if (action instanceof Action.Noise noise) {
      kind(Fields.NOISE);
      json.writeNumberField(Fields.STANDARD_DEVIATION, noise.standardDeviation());
      json.writeNumberField(Fields.SEED, noise.seed());
    } else {
      kind(Fields.KNOCK_OUT);
    }
  }

  private void kind(String kind) throws IOException {
    json.writeStringField(Fields.KIND, kind);
  }

  private void source(Source source, String arrayName) throws IOException {
    json.writeObjectFieldStart(Fields.FROM);
    if (source instanceof Source.Texts texts) {
      json.writeArrayFieldStart(Fields.TEXTS);
      for (String text : texts.texts()) {
        json.writeString(text);
      }
      json.writeEndArray();
      json.writeBooleanField(Fields.BOS, texts.bos() == Bos.PREPEND);
    } else if (source instanceof Source.Tokens tokens) {
      json.writeArrayFieldStart(Fields.TOKENS);
      for (List<Integer> prompt : tokens.ids()) {
        numbers(prompt);
      }
      json.writeEndArray();
    } else if (source instanceof StoredArray array) {
      arrays.put(arrayName, array);
      json.writeStringField(Fields.ARRAY, arrayName);
    }
    json.writeEndObject();
  }

  private void numbers(String field, List<Integer> values) throws IOException {
    if (!values.isEmpty()) {
      json.writeFieldName(field);
      numbers(values);
    }
  }

  private void numbers(List<Integer> values) throws IOException {
    json.writeArray(values.stream().mapToInt(Integer::intValue).toArray(), 0, values.size());
  }
}
