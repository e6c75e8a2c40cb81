package dev.headlamp.experiments.ioi;

import dev.headlamp.tokenizer.Bos;
import dev.headlamp.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Templates and words as the tokens of one tokenizer, of which every name, place and object is one.
 * Immutable; needs the tokenizer no more once it is made.
 */
public final class IoiVocabulary {

  private final IoiWords words;
  private final Bos bos;
  private final Map<String, Integer> ids;
  private final Map<IoiTemplate, Map<IoiForm, TokenLayout>> layouts;

  private IoiVocabulary(IoiWords words, Tokenizer tokenizer, Bos bos) {
    this.words = words;
    this.bos = bos;
    this.ids = new HashMap<>();
    Stream.of(words.names(), words.places(), words.objects())
        .flatMap(List::stream)
        .forEach(word -> ids.put(word, tokenizer.toSingleToken(" " + word)));
    this.layouts = new HashMap<>();
    for (IoiTemplate template : words.templates()) {
      Map<IoiForm, TokenLayout> forms = new EnumMap<>(IoiForm.class);
      for (IoiForm form : IoiForm.values()) {
        forms.put(form, TokenLayout.of(template, form, tokenizer, bos));
      }
      layouts.put(template, forms);
    }
  }

  /** Returns words as tokens, with the beginning-of-sequence token before every prompt. */
  public static IoiVocabulary of(IoiWords words, Tokenizer tokenizer) {
    return of(words, tokenizer, Bos.PREPEND);
  }

  /**
   * Returns words as tokens.
   *
   * @throws IllegalArgumentException if a name, place or object is not one token after a space,
   *     listing all ({@link IoiWords#without} leaves them out), or if a template is not tokenized
   *     word by word
   */
  public static IoiVocabulary of(IoiWords words, Tokenizer tokenizer, Bos bos) {
    List<String> unknown = words.unknownTo(tokenizer);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "%d of the names, places and objects are not single tokens of this vocabulary: %s"
              .formatted(
                  unknown.size(),
                  unknown.stream()
                      .map(word -> '"' + " " + word + '"')
                      .collect(Collectors.joining(", "))));
    }
    IoiVocabulary vocabulary = new IoiVocabulary(words, tokenizer, bos);
    vocabulary.checkAgainst(tokenizer);
    return vocabulary;
  }

  /** Compares one prompt of each template, put together from tokens, with its text tokenized. */
  private void checkAgainst(Tokenizer tokenizer) {
    for (IoiTemplate template : words.templates()) {
      String subject = words.names().get(0);
      IoiPrompt prompt =
          new IoiPrompt(
              template,
              IoiForm.BABA,
              words.names().get(1),
              subject,
              subject,
              words.places().get(0),
              words.objects().get(0));
      if (!Arrays.equals(tokens(prompt), tokenizer.toTokens(prompt.text(), bos))) {
        throw new IllegalArgumentException(
            "template %d is not tokenized word by word: \"%s\""
                .formatted(template.number(), template.baba()));
      }
    }
  }

  /** Returns the words. */
  public IoiWords words() {
    return words;
  }

  /** Returns whether the beginning-of-sequence token stands before every prompt. */
  public Bos bos() {
    return bos;
  }

  /**
   * Returns the token id of a name, place or object after a space.
   *
   * @throws IllegalArgumentException if the word is not one of these
   */
  public int token(String word) {
    Integer id = ids.get(word);
    if (id == null) {
      throw new IllegalArgumentException(
          "\"%s\" is none of the names, places and objects of this vocabulary".formatted(word));
    }
    return id;
  }

  /**
   * Returns the tokens of a prompt, the caller's own.
   *
   * @throws IllegalArgumentException if its template or a word of it is not one of these
   */
  public int[] tokens(IoiPrompt prompt) {
    TokenLayout layout = layout(prompt);
    int[] tokens = layout.ids().stream().mapToInt(Integer::intValue).toArray();
    layout.gaps().forEach(gap -> tokens[gap.pos()] = token(prompt.word(gap.slot())));
    return tokens;
  }

  /** Returns the number of tokens of a prompt. */
  public int length(IoiPrompt prompt) {
    return layout(prompt).ids().size();
  }

  /** Returns the number of tokens of the longest prompt. */
  public int longest() {
    return IntStream.range(0, words.templates().size())
        .map(i -> layouts.get(words.templates().get(i)).get(IoiForm.BABA).ids().size())
        .max()
        .orElseThrow();
  }

  /**
   * Returns where something stands in a prompt, counted from 0.
   *
   * @throws IllegalArgumentException if the prompt's template is not one of these, or has no such
   *     position
   */
  public int position(IoiPosition position, IoiPrompt prompt) {
    return layout(prompt).position(position);
  }

  private TokenLayout layout(IoiPrompt prompt) {
    Map<IoiForm, TokenLayout> forms = layouts.get(prompt.template());
    if (forms == null) {
      throw new IllegalArgumentException(
          "template %d is none of this vocabulary: \"%s\""
              .formatted(prompt.template().number(), prompt.template().baba()));
    }
    return forms.get(prompt.form());
  }
}
