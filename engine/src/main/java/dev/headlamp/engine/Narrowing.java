package dev.headlamp.engine;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Takes some of the logits that a selection gave. */
final class Narrowing {

  private final int[][] positions;
  private final int @Nullable [] tokens;

  /**
   * @param positions the positions of each prompt that the selection gave
   * @param tokens the tokens it gave; null for the whole vocabulary
   */
  Narrowing(int[][] positions, int @Nullable [] tokens) {
    this.positions = positions;
    this.tokens = tokens;
  }

  INDArray of(INDArray logits, int[][] wantedPositions, int @Nullable [] wantedTokens) {
    boolean sameTokens = Arrays.equals(tokens, wantedTokens);
    if (sameTokens && Arrays.deepEquals(positions, wantedPositions)) {
      return logits;
    }
    int[] columns = sameTokens ? null : columns(logits, wantedTokens);
    long width = columns == null ? logits.size(2) : columns.length;
    INDArray narrow =
        Nd4j.createUninitialized(
            logits.dataType(),
            new long[] {wantedPositions.length, wantedPositions[0].length, width},
            'c');
    for (int prompt = 0; prompt < wantedPositions.length; prompt++) {
      for (int i = 0; i < wantedPositions[prompt].length; i++) {
        int row = row(prompt, wantedPositions[prompt][i]);
        copy(logits, narrow, prompt, row, i, columns);
      }
    }
    return narrow;
  }

  private static void copy(
      INDArray from, INDArray to, int prompt, int row, int toRow, int @Nullable [] columns) {
    if (columns == null) {
      to.slice(prompt).slice(toRow).assign(from.slice(prompt).slice(row));
      return;
    }
    for (int column = 0; column < columns.length; column++) {
      to.putScalar(new int[] {prompt, toRow, column}, from.getDouble(prompt, row, columns[column]));
    }
  }

  private int row(int prompt, int position) {
    return IntStream.range(0, positions[prompt].length)
        .filter(row -> positions[prompt][row] == position)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there are no logits of prompt %d at position %d".formatted(prompt, position)));
  }

  private int[] columns(INDArray logits, int @Nullable [] wanted) {
    if (wanted == null) {
      throw new IllegalArgumentException(
          "the whole vocabulary cannot be taken out of the logits of some tokens");
    }
    Map<Integer, Integer> columnOf = new HashMap<>();
    for (int column = 0; column < logits.size(2); column++) {
      columnOf.put(tokens == null ? column : tokens[column], column);
    }
    return IntStream.of(wanted)
        .map(
            token -> {
              Integer column = columnOf.get(token);
              if (column == null) {
                throw new IllegalArgumentException("there are no logits of token id " + token);
              }
              return column;
            })
        .toArray();
  }
}
