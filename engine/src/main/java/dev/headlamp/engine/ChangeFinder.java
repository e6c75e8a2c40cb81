package dev.headlamp.engine;

import dev.headlamp.engine.StartPlace.Stage;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds what the changed value of a point makes different: the rows of the next of three stages of
 * a block, z, the residual stream behind the attention, or the residual stream entering a block.
 */
final class ChangeFinder {

  private final Gpt2Config config;
  private final BaseRun base;
  private final SourceRun source;
  private final TokenBatch tokens;
  private final int[][] read;
  private final int heads;
  private final int dHead;
  private final int width;
  private final FreeRows free;
  private final ChangedZ changedZ;
  private final float[] query;

  ChangeFinder(
      Gpt2Config config, BaseRun base, SourceRun source, LogitSelection reads, FreeRows free) {
    this.config = config;
    this.base = base;
    this.source = source;
    this.tokens = base.tokens();
    this.read = reads.positions(tokens);
    this.heads = config.nHeads();
    this.dHead = config.dHead();
    this.width = heads * dHead;
    this.free = free;
    this.changedZ = new ChangedZ(config, base, free);
    this.query = new float[width];
  }

  /** Returns what is different if {@code point} holds {@code value}, for variant 0. */
  ChangedRows changes(HookPoint point, FloatBuffer value) {
    int layer = point.layer();
    return switch (point.activation()) {
      case RESID_PRE -> entering(point, value, layer);
      case RESID_POST -> entering(point, value, layer + 1);
      case RESID_MID -> rows(point, value, new StartPlace(layer, Stage.RESID_MID), null);
      case ATTN_OUT ->
          rows(
              point,
              value,
              new StartPlace(layer, Stage.RESID_MID),
              base.floats(Activation.RESID_PRE, layer));
      case MLP_OUT ->
          rows(
              point,
              value,
              new StartPlace(layer + 1, Stage.RESID_PRE),
              base.floats(Activation.RESID_MID, layer));
      case Z -> rows(point, value, new StartPlace(layer, Stage.Z), null);
      case Q -> queries(point, value);
      case K, V -> keysOrValues(point, value);
      case PATTERN -> pattern(point, value);
      default -> throw new IllegalArgumentException(point + " has no variants");
    };
  }

  /** Of the residual stream entering a block. */
  private ChangedRows entering(HookPoint point, FloatBuffer value, int layer) {
    StartPlace place = new StartPlace(layer, Stage.RESID_PRE);
    int[][] positions = changed(point, value, place);
    return layer < config.nLayers() && areOfSource(point, value, positions)
        ? rows(
            value,
            new StartPlace(layer, Stage.RESID_PRE_OF_SOURCE),
            positions,
            followed(positions),
            null)
        : rows(value, place, positions, new int[positions.length], null);
  }

  private boolean areOfSource(HookPoint point, FloatBuffer value, int[][] positions) {
    for (int prompt = 0; prompt < positions.length; prompt++) {
      for (int pos : positions[prompt]) {
        if (!source.holds(point, prompt, pos, value)) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Returns how many positions of each prompt hold what the source run holds not only here but from
   * here on: those that begin with the first different one, for in front of it the two runs are the
   * same. What is read must be computed.
   */
  private int[] followed(int[][] positions) {
    int[] followed = new int[positions.length];
    for (int prompt = 0; prompt < positions.length; prompt++) {
      int first = source.firstDifferent(prompt);
      int count = 0;
      while (count < positions[prompt].length
          && positions[prompt][count] == first + count
          && !isRead(prompt, first + count)) {
        count++;
      }
      followed[prompt] = count;
    }
    return followed;
  }

  private boolean isRead(int prompt, int pos) {
    for (int r : read[prompt]) {
      if (r == pos) {
        return true;
      }
    }
    return false;
  }

  private ChangedRows rows(
      HookPoint point, FloatBuffer value, StartPlace place, @Nullable FloatBuffer added) {
    int[][] positions = changed(point, value, place);
    return rows(value, place, positions, new int[positions.length], added);
  }

  /** Returns the positions of each prompt that differ and matter. */
  private int[][] changed(HookPoint point, FloatBuffer value, StartPlace place) {
    FloatBuffer before = base.floats(point.activation(), point.layer());
    int size = width(place);
    int[][] changed = new int[tokens.batch()][];
    int[] positions = new int[tokens.length()];
    for (int prompt = 0; prompt < changed.length; prompt++) {
      int count = 0;
      for (int pos = tokens.firstPos(prompt); pos <= tokens.lastPos(prompt); pos++) {
        if (differs(before, value, row(prompt, pos), size) && matters(place, prompt, pos)) {
          positions[count++] = pos;
        }
      }
      changed[prompt] = Arrays.copyOf(positions, count);
    }
    return changed;
  }

  private int width(StartPlace place) {
    return place.stage() == Stage.Z ? width : config.dModel();
  }

  /**
   * Takes over the rows that differ, with {@code added} to them if there is anything to add.
   *
   * @param positions at which each prompt differs
   * @param followed how many of these, the first, follow the source run and need no row
   */
  private ChangedRows rows(
      FloatBuffer value,
      StartPlace place,
      int[][] positions,
      int[] followed,
      @Nullable FloatBuffer added) {
    int size = width(place);
    ChangedRows changes = new ChangedRows(place, size);
    float[] sum = new float[added == null ? 0 : size];
    for (int prompt = 0; prompt < positions.length; prompt++) {
      if (positions[prompt].length == 0) {
        continue;
      }
      changes.add(Instance.following(followed[prompt], 0, prompt, positions[prompt]));
      for (int i = followed[prompt]; i < positions[prompt].length; i++) {
        int at = row(prompt, positions[prompt][i]) * size;
        float[] row = free.take(size);
        value.get(at, row);
        if (added != null) {
          added.get(at, sum);
          FloatMath.add(sum, row, size);
        }
        changes.addRow(row);
      }
    }
    return changes;
  }

  /**
   * A position matters to those read behind it; behind the last attention only if it is one of
   * them.
   */
  private boolean matters(StartPlace place, int prompt, int pos) {
    int last = config.nLayers() - (place.stage() == Stage.RESID_PRE ? 0 : 1);
    boolean attended = place.layer() < last;
    for (int r : read[prompt]) {
      if (r == pos || (attended && r > pos && r <= tokens.lastPos(prompt))) {
        return true;
      }
    }
    return false;
  }

  private int row(int prompt, int pos) {
    return prompt * tokens.length() + pos;
  }

  private static boolean differs(FloatBuffer before, FloatBuffer after, int row, int size) {
    int at = row * size;
    return before.slice(at, size).mismatch(after.slice(at, size)) >= 0;
  }

  private ChangedRows queries(HookPoint point, FloatBuffer value) {
    changedZ.begin(point.layer());
    FloatBuffer before = base.floats(Activation.Q, point.layer());
    boolean[] differing = new boolean[heads];
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      for (int pos = tokens.firstPos(prompt); pos <= tokens.lastPos(prompt); pos++) {
        if (heads(before, value, row(prompt, pos), differing)
            && matters(changedZ.rows().place(), prompt, pos)) {
          value.get(row(prompt, pos) * width, query);
          changedZ.attend(prompt, pos, differing, query);
        }
      }
      changedZ.endOf(prompt);
    }
    return changedZ.rows();
  }

  private ChangedRows keysOrValues(HookPoint point, FloatBuffer value) {
    changedZ.begin(point.layer());
    changedZ.replace(point.activation(), value);
    FloatBuffer before = base.floats(point.activation(), point.layer());
    FloatBuffer queries = base.floats(Activation.Q, point.layer());
    boolean[] here = new boolean[heads];
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      boolean[] differing = new boolean[heads];
      int first = Integer.MAX_VALUE;
      for (int pos = tokens.firstPos(prompt); pos <= tokens.lastPos(prompt); pos++) {
        if (heads(before, value, row(prompt, pos), here)) {
          first = Math.min(first, pos);
          for (int h = 0; h < heads; h++) {
            differing[h] |= here[h];
          }
        }
      }
      for (int pos = first; pos <= tokens.lastPos(prompt); pos++) {
        if (matters(changedZ.rows().place(), prompt, pos)) {
          queries.get(row(prompt, pos) * width, query);
          changedZ.attend(prompt, pos, differing, query);
        }
      }
      changedZ.endOf(prompt);
    }
    return changedZ.rows();
  }

  private ChangedRows pattern(HookPoint point, FloatBuffer value) {
    changedZ.begin(point.layer());
    FloatBuffer before = base.floats(Activation.PATTERN, point.layer());
    int length = tokens.length();
    float[] row = new float[length];
    boolean[] differing = new boolean[heads];
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      for (int h = 0; h < heads; h++) {
        differing[h] = differs(before, value, (prompt * heads) + h, length * length);
      }
      for (int pos = tokens.firstPos(prompt); pos <= tokens.lastPos(prompt); pos++) {
        for (int h = 0; h < heads; h++) {
          int at = ((prompt * heads) + h) * length + pos;
          if (differing[h]
              && differs(before, value, at, length)
              && matters(changedZ.rows().place(), prompt, pos)) {
            value.get(at * length, row);
            changedZ.mix(prompt, pos, h, row);
          }
        }
      }
      changedZ.endOf(prompt);
    }
    return changedZ.rows();
  }

  /** Marks the heads that differ at a row; returns whether any does. */
  private boolean heads(FloatBuffer before, FloatBuffer after, int row, boolean[] differing) {
    if (!differs(before, after, row, width)) {
      return false;
    }
    for (int h = 0; h < heads; h++) {
      differing[h] = differs(before, after, (row * heads) + h, dHead);
    }
    return true;
  }

  /** Returns the first position that a query sees. */
  static int firstVisible(Gpt2Config config, TokenBatch tokens, int layer, int prompt, int pos) {
    int window = config.attentionWindows().get(layer);
    int first = tokens.firstPos(prompt);
    return window == 0 ? first : Math.max(first, pos + 1 - window);
  }
}
