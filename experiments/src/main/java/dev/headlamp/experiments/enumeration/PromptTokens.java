package dev.headlamp.experiments.enumeration;

import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import dev.headlamp.tokenizer.Tokenizer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The prompts of a space as token ids. Each template is tokenized once, its names, places and
 * objects being one token each, which is checked against the tokenizer for every word in every
 * template.
 */
public final class PromptTokens {

  private static final Pattern SLOT = Pattern.compile(" \\[(A|B|PLACE|OBJECT)]");

  private final PromptSpace space;
  private final Bos bos;

  private static final List<Factor> FACTORS = List.of(Factor.values());

  /**
   * {@code [template][pos]}: a token id, or {@code -1} less the place among FACTORS of the factor
   * to put there.
   */
  private final int[][] templates;

  private final int[] names;
  private final int[] places;
  private final int[] objects;

  private PromptTokens(Tokenizer tokenizer, PromptSpace space, Bos bos) {
    this.space = space;
    this.bos = bos;
    this.templates =
        space.templates().stream()
            .map(template -> compiled(tokenizer, template, bos))
            .toArray(int[][]::new);
    this.names = singleTokens(tokenizer, space.names());
    this.places = singleTokens(tokenizer, space.places());
    this.objects = singleTokens(tokenizer, space.objects());
  }

  /**
   * Returns the prompts of a space for a model.
   *
   * @throws IllegalArgumentException if a word is not one token, tokens across a word's edge merge,
   *     or a prompt is longer than the model's context
   * @throws IllegalStateException if the model came without a tokenizer
   */
  public static PromptTokens of(HookedGpt2 model, PromptSpace space, Bos bos) {
    PromptTokens tokens = new PromptTokens(model.tokenizer(), space, bos);
    int longest = Arrays.stream(tokens.templates).mapToInt(t -> t.length).max().orElseThrow();
    if (longest > model.config().nCtx()) {
      throw new IllegalArgumentException(
          "the longest prompt has %d tokens: %s sees at most %d"
              .formatted(longest, model.config().name(), model.config().nCtx()));
    }
    tokens.checkAgainst(model.tokenizer());
    return tokens;
  }

  /** Returns the names, places and objects of a space that are not one token to a model. */
  public static List<String> unknownWords(HookedGpt2 model, PromptSpace space) {
    return Stream.of(space.names(), space.places(), space.objects())
        .flatMap(List::stream)
        .filter(word -> model.tokenizer().countTokens(" " + word, Bos.NONE) != 1)
        .toList();
  }

  private static int[] singleTokens(Tokenizer tokenizer, List<String> words) {
    return words.stream().mapToInt(word -> tokenizer.toSingleToken(" " + word)).toArray();
  }

  private static int[] compiled(Tokenizer tokenizer, String template, Bos bos) {
    String prompt = template.substring(0, template.lastIndexOf(" [A]"));
    List<Integer> tokens = new ArrayList<>();
    if (bos == Bos.PREPEND) {
      tokens.add(tokenizer.bosId());
    }
    Matcher slot = SLOT.matcher(prompt);
    int from = 0;
    while (slot.find()) {
      addText(tokens, tokenizer, prompt.substring(from, slot.start()));
      tokens.add(-1 - factor(slot.group(1)).place());
      from = slot.end();
    }
    addText(tokens, tokenizer, prompt.substring(from));
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void addText(List<Integer> tokens, Tokenizer tokenizer, String text) {
    if (!text.isEmpty()) {
      Arrays.stream(tokenizer.toTokens(text, Bos.NONE)).forEach(tokens::add);
    }
  }

  private static Factor factor(String placeholder) {
    return switch (placeholder) {
      case "A" -> Factor.INDIRECT_OBJECT;
      case "B" -> Factor.SUBJECT;
      case "PLACE" -> Factor.PLACE;
      default -> Factor.OBJECT;
    };
  }

  /** A piece of a text need not have the tokens that the whole has there. */
  private void checkAgainst(Tokenizer tokenizer) {
    for (int template = 0; template < templates.length; template++) {
      for (int i = 0; i < names.length; i++) {
        int next = (i + 1) % names.length;
        check(tokenizer, space.row(template, i % places.length, i % objects.length, i, next));
      }
      for (int place = 0; place < places.length; place++) {
        check(tokenizer, space.row(template, place, 0, 0, 1));
      }
      for (int object = 0; object < objects.length; object++) {
        check(tokenizer, space.row(template, 0, object, 0, 1));
      }
    }
  }

  private void check(Tokenizer tokenizer, int row) {
    String text = space.text(row);
    int[] expected = tokenizer.toTokens(text, bos);
    if (!Arrays.equals(expected, prompt(row).tokens())) {
      throw new IllegalArgumentException(
          "a word of \"%s\" is no token of its own there: %s"
              .formatted(text, tokenizer.toTokenTexts(expected)));
    }
  }

  /** Returns the space that these are the prompts of. */
  public PromptSpace space() {
    return space;
  }

  /** Returns whether prompts begin with the beginning-of-sequence token. */
  public Bos bos() {
    return bos;
  }

  /** Returns the prompt of a row. */
  public ScoredPrompt prompt(int row) {
    PromptChoice choice = space.choice(row);
    int[] tokens = templates[choice.template()].clone();
    for (int pos = 0; pos < tokens.length; pos++) {
      if (tokens[pos] < 0) {
        tokens[pos] = token(choice, FACTORS.get(-1 - tokens[pos]));
      }
    }
    return new ScoredPrompt(row, tokens, names[choice.indirectObject()], names[choice.subject()]);
  }

  private int token(PromptChoice choice, Factor factor) {
    int[] words =
        switch (factor) {
          case PLACE -> places;
          case OBJECT -> objects;
          default -> names;
        };
    return words[choice.of(factor)];
  }

  /** Returns the SHA-256 of every token id that a prompt can hold, to know the vocabulary by. */
  String sha256() {
    int[] ids =
        Stream.concat(Arrays.stream(templates), Stream.of(names, places, objects))
            .flatMapToInt(IntStream::of)
            .toArray();
    ByteBuffer bytes = ByteBuffer.allocate(ids.length * Integer.BYTES);
    bytes.asIntBuffer().put(ids);
    return Sha256.of(digest -> digest.update(bytes));
  }
}
