package dev.headlamp.tokenizer;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Text to token ids and back, by the byte-level BPE tokenizer that a GPT-2 checkpoint was trained
 * with.
 *
 * <p>Hugging Face's own implementation does the work, so the ids are those that Python code gets
 * from the same files. Texts are never truncated or padded. A special token written out in a text,
 * such as {@code <|endoftext|>}, becomes that token, as it does there. Every text has tokens, and
 * {@link #toText} gives back exactly the text that they were made from.
 *
 * <p>Unless told otherwise, methods that take a text put the beginning-of-sequence token first
 * ({@link Bos#PREPEND}), even before a text that already starts with it.
 *
 * <p>A text is refused with an {@code IllegalArgumentException} if half of a surrogate pair stands
 * in it, which has no bytes to make tokens of, or if it is longer than 4,194,304 chars.
 *
 * <p>Safe for use by several threads. A tokenizer holds native memory until it is closed; every
 * method that tokenizes or makes text throws {@code IllegalStateException} after that.
 */
public final class Tokenizer implements AutoCloseable {

  private final Path source;
  private final NativeTokenizer tokenizer;
  private final Vocabulary vocabulary;
  private final SpecialTokens specialTokens;

  private Tokenizer(TokenizerFiles files, NativeTokenizer tokenizer) {
    this.source = files.source();
    this.vocabulary = files.tokenizer().vocabulary();
    this.specialTokens = SpecialTokens.of(files.names(), vocabulary);
    this.tokenizer = tokenizer;
    vocabulary.added().forEach(this::requireAdded);
  }

  /**
   * Loads the tokenizer of a model folder: its {@code tokenizer.json}, or else GPT-2's older pair
   * of {@code vocab.json} and {@code merges.txt}.
   *
   * <p>The special tokens are those named by {@code tokenizer_config.json} and {@code
   * special_tokens_map.json} where these are present; BOS and EOS are otherwise {@code
   * <|endoftext|>}, and padding is the EOS.
   *
   * @param folderOrFile a model folder, or a {@code tokenizer.json} of any name
   * @throws TokenizerFormatException if the files are missing, corrupt, or hold no byte-level BPE
   * @throws IllegalStateException if the native library does not load on this platform
   */
  public static Tokenizer load(Path folderOrFile) throws TokenizerFormatException {
    TokenizerFiles files = TokenizerFiles.read(folderOrFile);
    NativeTokenizer tokenizer = NativeTokenizer.of(files.tokenizer(), files.source());
    try {
      return new Tokenizer(files, tokenizer);
    } catch (IllegalArgumentException e) {
      tokenizer.close();
      throw new TokenizerFormatException(files.source(), e.getMessage(), e);
    }
  }

  /** Returns the ids of a text, the BOS first; an empty text gives the BOS alone. */
  public int[] toTokens(String text) {
    return toTokens(text, Bos.PREPEND);
  }

  /** Returns the ids of a text, with or without the BOS before them. */
  public int[] toTokens(String text, Bos bos) {
    int[] own = tokenizer.encode(TokenizableText.require(text));
    return switch (bos) {
      case NONE -> own;
      case PREPEND -> IntStream.concat(IntStream.of(bosId()), IntStream.of(own)).toArray();
    };
  }

  /**
   * Returns the ids of each text, the BOS first in each.
   *
   * @return {@code [text][pos]}; the rows are as long as their texts, {@link #padId} can fill them
   */
  public int[][] toTokens(List<String> texts) {
    return toTokens(texts, Bos.PREPEND);
  }

  /**
   * Returns the ids of each text, with or without the BOS before them.
   *
   * @return {@code [text][pos]}; the rows are as long as their texts, {@link #padId} can fill them
   */
  public int[][] toTokens(List<String> texts, Bos bos) {
    return texts.stream().map(text -> toTokens(text, bos)).toArray(int[][]::new);
  }

  /** Returns the number of tokens of a text, the BOS included. */
  public int countTokens(String text) {
    return countTokens(text, Bos.PREPEND);
  }

  /** Returns the number of tokens of a text, with or without the BOS. */
  public int countTokens(String text, Bos bos) {
    return toTokens(text, bos).length;
  }

  /**
   * Returns the text of tokens together, special tokens written out.
   *
   * @throws IllegalArgumentException if an id is out of the vocabulary
   */
  public String toText(int... tokens) {
    vocabulary.require(tokens);
    return tokenizer.decode(tokens);
  }

  /** Returns the text of each token of a text, the BOS first: {@code "<|endoftext|>", " Mary"}. */
  public List<String> toTokenTexts(String text) {
    return toTokenTexts(toTokens(text));
  }

  /** Returns the text of each token of a text, with or without the BOS before them. */
  public List<String> toTokenTexts(String text, Bos bos) {
    return toTokenTexts(toTokens(text, bos));
  }

  /**
   * Returns each token's own text, leading space included. A token that holds only some of the
   * bytes of a character shows U+FFFD in their place.
   *
   * @throws IllegalArgumentException if an id is out of the vocabulary
   */
  public List<String> toTokenTexts(int... tokens) {
    vocabulary.require(tokens);
    List<String> texts = new ArrayList<>(tokens.length);
    for (int token : tokens) {
      texts.add(tokenizer.decode(token));
    }
    return texts;
  }

  /**
   * Returns the id of a text that is one token, such as {@code " Mary"}.
   *
   * @throws IllegalArgumentException if it is not, showing which tokens it is
   */
  public int toSingleToken(String text) {
    int[] tokens = toTokens(text, Bos.NONE);
    if (tokens.length != 1) {
      throw new IllegalArgumentException(
          "%s is not a single token but %d: %s"
              .formatted(quoted(text), tokens.length, shown(tokens)));
    }
    return tokens[0];
  }

  /**
   * Returns where a token first stands in a prompt.
   *
   * @param token the text of a single token
   * @param prompt ids as {@link #toTokens} gives them; with the BOS in them, it is position 0
   * @throws IllegalArgumentException if it does not occur, showing the prompt's tokens
   */
  public int firstPosition(String token, int[] prompt) {
    return positions(token, prompt)[0];
  }

  /**
   * Returns where a token last stands in a prompt.
   *
   * @param token the text of a single token
   * @param prompt ids as {@link #toTokens} gives them; with the BOS in them, it is position 0
   * @throws IllegalArgumentException if it does not occur, showing the prompt's tokens
   */
  public int lastPosition(String token, int[] prompt) {
    int[] positions = positions(token, prompt);
    return positions[positions.length - 1];
  }

  /**
   * Returns every position of a token in a prompt, in ascending order, at least one.
   *
   * @param token the text of a single token
   * @param prompt ids as {@link #toTokens} gives them; with the BOS in them, it is position 0
   * @throws IllegalArgumentException if it does not occur, showing the prompt's tokens
   */
  public int[] positions(String token, int[] prompt) {
    int id = toSingleToken(token);
    int[] positions = IntStream.range(0, prompt.length).filter(pos -> prompt[pos] == id).toArray();
    if (positions.length == 0) {
      throw new IllegalArgumentException(
          "%s does not occur in the prompt: %s".formatted(quoted(token), shown(prompt)));
    }
    return positions;
  }

  /**
   * Returns the number of ids, from 0 to the highest one in use. A model may have more rows in its
   * embedding than that.
   */
  public int vocabularySize() {
    return vocabulary.size();
  }

  /**
   * Returns whether an id stands for a token; a model may have rows in its embedding that do not.
   */
  public boolean hasToken(int id) {
    return vocabulary.ids().contains(id);
  }

  /**
   * Returns the id of the beginning-of-sequence token.
   *
   * @throws IllegalStateException if this tokenizer has none
   */
  public int bosId() {
    return required(specialTokens.bos(), "beginning-of-sequence token: ask with Bos.NONE");
  }

  /**
   * Returns the id of the end-of-sequence token.
   *
   * @throws IllegalStateException if this tokenizer has none
   */
  public int eosId() {
    return required(specialTokens.eos(), "end-of-sequence token");
  }

  /**
   * Returns the id that fills the rows of a batch up to one length; in GPT-2 it is the EOS.
   *
   * @throws IllegalStateException if this tokenizer has neither a padding token nor an EOS
   */
  public int padId() {
    return required(specialTokens.pad(), "padding token");
  }

  /** Frees the native memory, once the calls now in progress have ended. */
  @Override
  public void close() {
    tokenizer.close();
  }

  @Override
  public String toString() {
    return "Tokenizer[" + source + ", " + vocabularySize() + " ids]";
  }

  /** An added token that contradicts the model's vocabulary is silently given another id. */
  private void requireAdded(String token, int id) {
    int[] ids = tokenizer.encode(token);
    if (!Arrays.equals(ids, new int[] {id})) {
      throw new IllegalArgumentException(
          "the added token %s has id %d, but is tokenized as %s"
              .formatted(quoted(token), id, Arrays.toString(ids)));
    }
  }

  private int required(@Nullable Integer id, String what) {
    if (id == null) {
      throw new IllegalStateException(source + " has no " + what);
    }
    return id;
  }

  private String shown(int[] tokens) {
    return toTokenTexts(tokens).stream().map(Tokenizer::quoted).toList().toString();
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }
}
