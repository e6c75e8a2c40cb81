package dev.headlamp.hooks.recipe;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.Positions;
import dev.headlamp.tokenizer.Bos;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads a recipe; see {@link Recipe#read}. */
final class RecipeReader {

  private static final Set<String> RECIPE =
      Set.of(Fields.FORMAT, Fields.VERSION, Fields.MODEL, Fields.INTERVENTIONS, Fields.ARRAYS);
  private static final Set<String> MODEL =
      Set.of(
          Fields.NAME,
          Fields.LAYERS,
          Fields.HEADS,
          Fields.D_MODEL,
          Fields.D_MLP,
          Fields.D_VOCAB,
          Fields.PROCESSING);
  private static final Set<String> STEP =
      Set.of(
          Fields.POINT,
          Fields.HEADS,
          Fields.POSITIONS,
          Fields.SOURCES,
          Fields.NEURONS,
          Fields.KIND);

  /** Something that is made of what the file says, and refuses what cannot be. */
  @FunctionalInterface
  private interface Making<T> {
    T make() throws IOException;
  }

  private final Gpt2Config config;
  private final StoredArrays arrays;

  private RecipeReader(Gpt2Config config, StoredArrays arrays) {
    this.config = config;
    this.arrays = arrays;
  }

  static Recipe read(Path file) throws IOException {
    JsonNode recipe = JsonNode.read(file);
    JsonNode format = recipe.field(Fields.FORMAT);
    if (!format.text().equals(Fields.FORMAT_NAME)) {
      throw format.wrong("expected '%s', found '%s'".formatted(Fields.FORMAT_NAME, format.text()));
    }
    JsonNode version = recipe.field(Fields.VERSION);
    if (version.whole() != Fields.CURRENT_VERSION) {
      throw version.wrong(
          "version %d is unknown: version %d is read"
              .formatted(version.whole(), Fields.CURRENT_VERSION));
    }
    recipe.requireOnly(RECIPE);
    RecipeModel model = model(recipe.field(Fields.MODEL));
    // As much of a configuration as a point's name is checked against.
    Gpt2Config config =
        made(
            recipe.field(Fields.MODEL),
            () ->
                Gpt2Config.ofSize(
                    model.name(),
                    model.nLayers(),
                    model.nHeads(),
                    model.dModel(),
                    1,
                    model.dVocab()));
    try (StoredArrays arrays = StoredArrays.beside(file, recipe.optional(Fields.ARRAYS))) {
      RecipeReader reader = new RecipeReader(config, arrays);
      List<Step> steps = new ArrayList<>();
      for (JsonNode step : recipe.field(Fields.INTERVENTIONS).items()) {
        steps.add(reader.step(step));
      }
      return new Recipe(model, steps);
    }
  }

  private static RecipeModel model(JsonNode model) throws IOException {
    model.requireOnly(MODEL);
    JsonNode processing = model.field(Fields.PROCESSING);
    return new RecipeModel(
        model.field(Fields.NAME).text(),
        model.field(Fields.LAYERS).index(),
        model.field(Fields.HEADS).index(),
        model.field(Fields.D_MODEL).index(),
        model.field(Fields.D_MLP).index(),
        model.field(Fields.D_VOCAB).index(),
        made(processing, () -> WeightProcessing.parse(processing.text())));
  }

  /** Makes something, and lays what is refused meanwhile to a place in the file. */
  private static <T> T made(JsonNode place, Making<T> making) throws IOException {
    try {
      return making.make();
    } catch (IllegalArgumentException e) {
      throw place.wrong(e);
    }
  }

  private Step step(JsonNode step) throws IOException {
    JsonNode point = step.field(Fields.POINT);
    HookPoint at = made(point, () -> HookPoint.parse(point.text(), config));
    return made(step, () -> new Step(at, part(step), action(step)));
  }

  private static Part part(JsonNode step) throws IOException {
    return new Part(
        list(step.optional(Fields.HEADS)),
        positions(step.optional(Fields.POSITIONS)),
        list(step.optional(Fields.SOURCES)),
        list(step.optional(Fields.NEURONS)));
  }

  /** Returns a list that names something; none at all is an absent field. */
  private static List<Integer> list(Optional<JsonNode> field) throws IOException {
    if (field.isEmpty()) {
      return List.of();
    }
    List<Integer> values = field.get().indices();
    if (values.isEmpty()) {
      throw field.get().wrong("an empty list names nothing: leave the field out for all");
    }
    return values;
  }

  private static Positions positions(Optional<JsonNode> field) throws IOException {
    if (field.isEmpty()) {
      return Positions.all();
    }
    JsonNode positions = field.get();
    if (positions.isText()) {
      if (!positions.text().equals(Fields.LAST)) {
        throw positions.wrong(
            "expected 'last' or a list of lists, found '" + positions.text() + "'");
      }
      return Positions.last();
    }
    List<int[]> rows = new ArrayList<>();
    for (JsonNode row : positions.items()) {
      rows.add(row.indices().stream().mapToInt(Integer::intValue).toArray());
    }
    return made(positions, () -> Positions.perPrompt(rows.toArray(int[][]::new)));
  }

  private Action action(JsonNode step) throws IOException {
    JsonNode kind = step.field(Fields.KIND);
    return switch (kind.text()) {
      case Fields.ZERO -> {
        requireOnly(step);
        yield new Action.Zero();
      }
      case Fields.MEAN -> {
        requireOnly(step, Fields.OVER, Fields.FROM);
        yield new Action.Mean(source(step.field(Fields.FROM)), over(step.field(Fields.OVER)));
      }
      case Fields.REPLACE -> {
        requireOnly(step, Fields.FROM);
        yield new Action.Replace(source(step.field(Fields.FROM)));
      }
      case Fields.ADD -> {
        requireOnly(step, Fields.FROM);
        yield new Action.Add(array(step.field(Fields.FROM)));
      }
      case Fields.SCALE -> {
        requireOnly(step, Fields.FACTOR);
        yield new Action.Scale(step.field(Fields.FACTOR).number());
      }
      case Fields.NOISE -> {
        requireOnly(step, Fields.STANDARD_DEVIATION, Fields.SEED);
        yield new Action.Noise(
            step.field(Fields.STANDARD_DEVIATION).number(), step.field(Fields.SEED).whole());
      }
      case Fields.KNOCK_OUT -> {
        requireOnly(step);
        yield new Action.KnockOut();
      }
      default -> throw kind.wrong("unknown kind '" + kind.text() + "'");
    };
  }

  private static void requireOnly(JsonNode step, String... ofKind) throws IOException {
    Set<String> names = new HashSet<>(STEP);
    names.addAll(List.of(ofKind));
    step.requireOnly(names);
  }

  private static Action.Mean.Over over(JsonNode over) throws IOException {
    return switch (over.text()) {
      case Fields.OVER_PROMPTS -> Action.Mean.Over.PROMPTS;
      case Fields.OVER_ALL -> Action.Mean.Over.PROMPTS_AND_POSITIONS;
      default ->
          throw over.wrong(
              "expected '%s' or '%s', found '%s'"
                  .formatted(Fields.OVER_PROMPTS, Fields.OVER_ALL, over.text()));
    };
  }

  private Source source(JsonNode from) throws IOException {
    if (from.has(Fields.TEXTS)) {
      from.requireOnly(Set.of(Fields.TEXTS, Fields.BOS));
      List<String> texts = new ArrayList<>();
      for (JsonNode text : from.field(Fields.TEXTS).items()) {
        texts.add(text.text());
      }
      Bos bos = from.field(Fields.BOS).flag() ? Bos.PREPEND : Bos.NONE;
      return made(from, () -> new Source.Texts(texts, bos));
    }
    if (from.has(Fields.TOKENS)) {
      from.requireOnly(Set.of(Fields.TOKENS));
      List<List<Integer>> prompts = new ArrayList<>();
      for (JsonNode prompt : from.field(Fields.TOKENS).items()) {
        prompts.add(prompt.indices());
      }
      return made(from, () -> new Source.Tokens(prompts));
    }
    return array(from);
  }

  private StoredArray array(JsonNode from) throws IOException {
    from.requireOnly(Set.of(Fields.ARRAY));
    return arrays.read(from.field(Fields.ARRAY));
  }
}
