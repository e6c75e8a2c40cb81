package dev.headlamp.experiments.ioi;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.Positions;
import dev.headlamp.tokenizer.Bos;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * IOI prompts with their tokens, answers and positions by meaning (Wang et al. 2022, arXiv
 * 2211.00593, section 2 and appendix E). Immutable. Tokens are put together when asked for: a data
 * set of 100,000 prompts is a list of that many references to shared words.
 *
 * <pre>{@code
 * IoiVocabulary vocabulary = IoiVocabulary.of(IoiWords.published(), model.tokenizer());
 * IoiDataset ioi = IoiDataset.draw(vocabulary, 100, 1);
 * IoiDataset abc = ioi.flipped(IoiFlip.ABC, 2);
 * }</pre>
 */
public final class IoiDataset {

  private final IoiVocabulary vocabulary;
  private final List<IoiPrompt> prompts;

  private IoiDataset(IoiVocabulary vocabulary, List<IoiPrompt> prompts) {
    this.vocabulary = vocabulary;
    this.prompts = prompts;
  }

  /**
   * Draws prompts of every template, place and object, in the forms BABA and ABBA in turn.
   *
   * @param seed one seed gives one data set
   * @throws IllegalArgumentException if fewer than 1 prompt is asked for
   */
  public static IoiDataset draw(IoiVocabulary vocabulary, int count, long seed) {
    return of(vocabulary, IoiPrompts.draw(vocabulary.words(), count, seed));
  }

  /**
   * Returns given prompts as a data set.
   *
   * @throws IllegalArgumentException if there is none, or one has a template or word that the
   *     vocabulary has not
   */
  public static IoiDataset of(IoiVocabulary vocabulary, List<IoiPrompt> prompts) {
    Objects.requireNonNull(vocabulary, "vocabulary");
    if (prompts.isEmpty()) {
      throw new IllegalArgumentException("a data set needs at least one prompt");
    }
    prompts.forEach(vocabulary::tokens);
    return new IoiDataset(vocabulary, List.copyOf(prompts));
  }

  /** Returns the number of prompts. */
  public int size() {
    return prompts.size();
  }

  /** Returns the prompts, in order. */
  public List<IoiPrompt> prompts() {
    return prompts;
  }

  /** Returns the words and templates that prompts are drawn from, as tokens. */
  public IoiVocabulary vocabulary() {
    return vocabulary;
  }

  /** Returns whether the beginning-of-sequence token stands before every prompt. */
  public Bos bos() {
    return vocabulary.bos();
  }

  /** Returns all prompts as tokens {@code [prompt, pos]}, shorter ones padded on the right. */
  public TokenBatch tokens() {
    return TokenBatch.of(prompts.stream().map(vocabulary::tokens).toArray(int[][]::new));
  }

  /** Returns the token id of each prompt's indirect object. */
  public int[] answers() {
    return forEach(prompt -> vocabulary.token(prompt.indirectObject()));
  }

  /**
   * Returns the token id of each prompt's subject: S1, which a {@link IoiFlip#S2_TO_IO} keeps. What
   * a flipped prompt does to the answer is measured with the answers of the data set it came from.
   */
  public int[] wrong() {
    return forEach(prompt -> vocabulary.token(prompt.subject1()));
  }

  /**
   * Returns the number of each prompt's template: the groups that the paper takes means within. All
   * prompts of a template are equally long, in either form.
   */
  public int[] groups() {
    return forEach(prompt -> prompt.template().number());
  }

  /**
   * Returns where something stands in one prompt, counted from 0, the beginning-of-sequence token
   * included.
   *
   * @throws IllegalArgumentException if its template has no such position
   */
  public int position(IoiPosition position, int prompt) {
    return vocabulary.position(position, prompts.get(prompt));
  }

  /**
   * Returns where something stands in each prompt of {@link #tokens()}.
   *
   * @throws IllegalArgumentException if a template has no such position
   */
  public Positions positions(IoiPosition position) {
    return Positions.perPrompt(
        IntStream.range(0, size())
            .mapToObj(prompt -> new int[] {position(position, prompt)})
            .toArray(int[][]::new));
  }

  /**
   * Returns these prompts with some of their names changed, each in its place.
   *
   * @param seed draws the random names; one seed gives one data set
   * @throws IllegalArgumentException if there are too few names to draw from
   */
  public IoiDataset flipped(IoiFlip flip, long seed) {
    // Split, so that the seed that drew the prompts does not draw their names again.
    SplittableRandom random = new SplittableRandom(seed).split();
    NamePool pool = new NamePool(vocabulary.words().names(), random);
    return new IoiDataset(
        vocabulary, prompts.stream().map(prompt -> flip.of(prompt, pool)).toList());
  }

  /**
   * Returns some of the prompts.
   *
   * @param indices which, counted from 0, in the order to return them
   * @throws IllegalArgumentException if there is none
   * @throws IndexOutOfBoundsException if there is no such prompt
   */
  public IoiDataset select(int... indices) {
    return of(vocabulary, IntStream.of(indices).mapToObj(prompts::get).toList());
  }

  /** Returns the indices of the prompts, the shortest first; equally long ones stay in order. */
  public int[] byLength() {
    return IntStream.range(0, size())
        .boxed()
        .sorted(Comparator.comparingInt(prompt -> vocabulary.length(prompts.get(prompt))))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private int[] forEach(ToIntFunction<IoiPrompt> value) {
    return prompts.stream().mapToInt(value).toArray();
  }

  @Override
  public String toString() {
    return "IoiDataset[%d prompts, %s]".formatted(size(), bos());
  }
}
