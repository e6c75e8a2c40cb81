package dev.headlamp.hooks.heads;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.Positions;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Positions by what stands there, in each prompt somewhere else. */
public final class TokenPositions {

  private TokenPositions() {}

  /**
   * Returns where a token stands for the first time: in prompts of the IOI task the place of the
   * indirect object, or S1 of the subject.
   *
   * @param tokens the prompts
   * @param ids for each prompt the token's id; one serves all prompts
   * @throws IllegalArgumentException if a prompt does not hold its token, or there are ids for
   *     another number of prompts
   */
  public static Positions first(TokenBatch tokens, int... ids) {
    return nth(tokens, 0, ids);
  }

  /**
   * Returns where a token stands for the n-th time; otherwise as {@link #first}.
   *
   * @param tokens the prompts
   * @param n counted from 0: 1 is the second time, in the IOI task S2 of the subject
   * @param ids for each prompt the token's id; one serves all prompts
   */
  public static Positions nth(TokenBatch tokens, int n, int... ids) {
    return perPrompt(
        tokens,
        prompt -> {
          int[] places = places(tokens, prompt, ids);
          if (n < 0 || n >= places.length) {
            throw new IllegalArgumentException(
                "token id %d stands %d times in prompt %d: there is no place %d, counted from 0"
                    .formatted(id(tokens, prompt, ids), places.length, prompt, n));
          }
          return places[n];
        });
  }

  /**
   * Returns where a token stands for the last time; otherwise as {@link #first}.
   *
   * @param tokens the prompts
   * @param ids for each prompt the token's id; one serves all prompts
   */
  public static Positions last(TokenBatch tokens, int... ids) {
    return perPrompt(
        tokens,
        prompt -> {
          int[] places = places(tokens, prompt, ids);
          return places[places.length - 1];
        });
  }

  /**
   * Returns positions moved by some tokens: S1 + 1 is {@code shifted(tokens, first(tokens,
   * subjects), 1)}.
   *
   * @param by how many tokens later; negative for earlier
   * @throws IllegalArgumentException if one is then outside its prompt
   */
  public static Positions shifted(TokenBatch tokens, Positions positions, int by) {
    int[][] moved = positions.resolve(tokens);
    for (int prompt = 0; prompt < moved.length; prompt++) {
      for (int i = 0; i < moved[prompt].length; i++) {
        int position = moved[prompt][i] + by;
        if (!tokens.isToken(prompt, position)) {
          throw new IllegalArgumentException(
              "position %d moved by %d is outside prompt %d, which has positions %d to %d"
                  .formatted(
                      moved[prompt][i],
                      by,
                      prompt,
                      tokens.firstPos(prompt),
                      tokens.lastPos(prompt)));
        }
        moved[prompt][i] = position;
      }
    }
    return Positions.perPrompt(moved);
  }

  private static Positions perPrompt(TokenBatch tokens, IntUnaryOperator position) {
    return Positions.perPrompt(
        IntStream.range(0, tokens.batch())
            .mapToObj(prompt -> new int[] {position.applyAsInt(prompt)})
            .toArray(int[][]::new));
  }

  private static int[] places(TokenBatch tokens, int prompt, int[] ids) {
    int id = id(tokens, prompt, ids);
    int[] places =
        IntStream.rangeClosed(tokens.firstPos(prompt), tokens.lastPos(prompt))
            .filter(position -> tokens.id(prompt, position) == id)
            .toArray();
    if (places.length == 0) {
      throw new IllegalArgumentException("token id %d is not in prompt %d".formatted(id, prompt));
    }
    return places;
  }

  private static int id(TokenBatch tokens, int prompt, int[] ids) {
    if (ids.length != 1 && ids.length != tokens.batch()) {
      throw new IllegalArgumentException(
          "token ids are given for %d prompts, the batch has %d"
              .formatted(ids.length, tokens.batch()));
    }
    return ids[ids.length == 1 ? 0 : prompt];
  }
}
