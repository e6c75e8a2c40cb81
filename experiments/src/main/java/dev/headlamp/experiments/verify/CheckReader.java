package dev.headlamp.experiments.verify;

import dev.headlamp.experiments.json.JsonObject;
import dev.headlamp.experiments.verify.Expectation.AtMost;
import dev.headlamp.experiments.verify.Expectation.Near;
import dev.headlamp.experiments.verify.Expectation.Sign;
import dev.headlamp.experiments.verify.NextTokenCheck.Quantity;
import dev.headlamp.hooks.heads.HeadType;
import dev.headlamp.tokenizer.Bos;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Turns the JSON of published figures into checks. The bundled file shows every kind. */
final class CheckReader {

  private final Map<String, List<AnsweredPrompt>> promptSets = new LinkedHashMap<>();

  private CheckReader(JsonObject promptSets) {
    for (String name : promptSets.names()) {
      this.promptSets.put(
          name,
          promptSets.objects(name).stream()
              .map(p -> new AnsweredPrompt(p.text("prompt"), p.text("answer"), p.text("wrong")))
              .toList());
    }
  }

  /**
   * Returns the checks of a file.
   *
   * @throws IllegalArgumentException if a field is missing or of the wrong type
   */
  static List<PublishedCheck> checks(JsonObject file) {
    CheckReader reader = new CheckReader(file.object("prompt_sets"));
    return file.objects("checks").stream().map(reader::published).toList();
  }

  private PublishedCheck published(JsonObject json) {
    return new PublishedCheck(
        json.texts("models"), json.text("source"), json.text("kind"), check(json));
  }

  private Check check(JsonObject json) {
    String kind = json.text("kind");
    return switch (kind) {
      case "next_token" -> nextToken(json);
      case "logit_difference" ->
          new LogitDifferenceCheck(prompts(json), bos(json), each(json), near(json, "mean"));
      case "token_ids" -> tokenIds(json.object("ids"));
      case "loss" -> new LossCheck(json.text("text"), bos(json), near(json, "loss"));
      case "head_ablation" ->
          new HeadAblationCheck(prompts(json), bos(json), head(json), near(json, "mean"));
      case "head_attribution" ->
          new HeadAttributionCheck(prompts(json), bos(json), head(json), near(json, "mean"));
      case "embedding" -> embedding(json);
      case "knock_out" -> knockOut(json);
      case "head_scores" -> headScores(json);
      case "repetition_ablation" -> repetitionAblation(json);
      case "ioi_sample" ->
          new IoiSampleCheck(
              json.whole("count"),
              bos(json),
              near(json.object("mean")),
              near(json.object("share_above_zero")),
              near(json.object("probability")));
      case "enumeration" ->
          new EnumerationCheck(
              near(json.object("mean")),
              near(json.object("deviation")),
              near(json.object("below_zero")),
              json.has("slices") ? slices(json.objects("slices")) : List.of(),
              Optional.empty());
      default -> throw new IllegalArgumentException("there is no kind of check '" + kind + "'");
    };
  }

  private static List<SliceFigure> slices(List<JsonObject> slices) {
    List<SliceFigure> figures = new ArrayList<>();
    for (JsonObject slice : slices) {
      Arrays.stream(SliceFigure.Quantity.values())
          .filter(quantity -> slice.has(field(quantity)))
          .map(
              quantity ->
                  new SliceFigure(slice.texts("of"), quantity, near(slice, field(quantity))))
          .forEach(figures::add);
    }
    return figures;
  }

  private static NextTokenCheck nextToken(JsonObject json) {
    List<NextTokenCheck.Figure> figures = new ArrayList<>();
    for (JsonObject token : json.objects("tokens")) {
      for (Quantity quantity : Quantity.values()) {
        String field = field(quantity);
        if (token.has(field)) {
          double tolerance = quantity == Quantity.RANK ? 0 : token.number(field + "_tolerance");
          figures.add(
              new NextTokenCheck.Figure(
                  token.text("token"), quantity, new Near(token.number(field), tolerance)));
        }
      }
    }
    return new NextTokenCheck(json.text("prompt"), bos(json), figures);
  }

  private static TokenIdCheck tokenIds(JsonObject ids) {
    Map<String, Integer> byText = new LinkedHashMap<>();
    ids.names().forEach(text -> byText.put(text, ids.whole(text)));
    return new TokenIdCheck(byText);
  }

  private static EmbeddingCheck embedding(JsonObject json) {
    Map<EmbeddingCheck.Quantity, Expectation> figures =
        new EnumMap<>(EmbeddingCheck.Quantity.class);
    Arrays.stream(EmbeddingCheck.Quantity.values())
        .filter(quantity -> json.has(field(quantity)))
        .forEach(quantity -> figures.put(quantity, near(json.object(field(quantity)))));
    return new EmbeddingCheck(figures);
  }

  private static KnockOutCheck knockOut(JsonObject json) {
    List<KnockOutCheck.Figure> figures = new ArrayList<>();
    for (JsonObject head : json.objects("heads")) {
      double kl = head.number("kl");
      figures.add(
          new KnockOutCheck.Figure(
              head.whole("head"),
              new Near(figures.size() + 1, 0),
              new Near(kl, kl * json.number("relative_tolerance")),
              sign(head, "fall")));
    }
    return new KnockOutCheck(
        json.text("prompt"),
        json.text("answer"),
        bos(json),
        json.text("template"),
        json.whole("layer"),
        json.whole("samples"),
        json.whole("seeds"),
        figures);
  }

  private static HeadScoreCheck headScores(JsonObject json) {
    return new HeadScoreCheck(
        json.whole("length"),
        json.whole("sequences"),
        json.objects("heads").stream()
            .map(
                figure ->
                    new HeadScoreCheck.Figure(
                        HeadType.valueOf(figure.text("behaviour").toUpperCase(Locale.ROOT)),
                        head(figure),
                        new AtMost(figure.whole("rank_at_most"))))
            .toList());
  }

  private static RepetitionAblationCheck repetitionAblation(JsonObject json) {
    return new RepetitionAblationCheck(
        json.whole("length"),
        json.whole("sequences"),
        json.objects("figures").stream()
            .map(
                figure ->
                    new RepetitionAblationCheck.Figure(
                        heads(figure, "ablated"), heads(figure, "besides"), sign(figure, "rise")))
            .toList());
  }

  private static List<HeadName> heads(JsonObject json, String name) {
    return json.objects(name).stream().map(CheckReader::head).toList();
  }

  private static Sign sign(JsonObject json, String name) {
    return new Sign(json.text(name).equals("positive"));
  }

  private List<AnsweredPrompt> prompts(JsonObject json) {
    String name = json.text("prompts");
    List<AnsweredPrompt> prompts = promptSets.get(name);
    if (prompts == null) {
      throw new IllegalArgumentException(
          "there is no prompt set '%s': the file has %s".formatted(name, promptSets.keySet()));
    }
    return prompts;
  }

  private static List<Expectation> each(JsonObject json) {
    return json.has("each")
        ? json.numbers("each").stream()
            .<Expectation>map(value -> new Near(value, json.number("tolerance")))
            .toList()
        : List.of();
  }

  private static HeadName head(JsonObject json) {
    return new HeadName(json.whole("layer"), json.whole("head"));
  }

  private static Bos bos(JsonObject json) {
    return json.flag("bos") ? Bos.PREPEND : Bos.NONE;
  }

  private static Near near(JsonObject json, String field) {
    return new Near(json.number(field), json.number("tolerance"));
  }

  private static Near near(JsonObject json) {
    return near(json, "value");
  }

  private static String field(Enum<?> quantity) {
    return quantity.name().toLowerCase(Locale.ROOT);
  }
}
