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
    if (layer == config.nLayers() || !isOfSource(point, value, place)) {
      return rows(point, value, place, null);
    }
    ChangedRows changes =
        new ChangedRows(new StartPlace(layer, Stage.RESID_PRE_OF_SOURCE), config.dModel());
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      int[] positions = changed(point, value, place, prompt);
      if (positions.length > 0) {
        int followed = followed(prompt, positions);
        changes.add(Instance.following(followed, 0, prompt, positions));
        addRows(changes, value, prompt, positions, followed, null);
      }
    }
    return changes;
  }

  private boolean isOfSource(HookPoint point, FloatBuffer value, StartPlace place) {
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      for (int pos : changed(point, value, place, prompt)) {
        if (!source.holds(point, prompt, pos, value)) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Returns how many positions hold what the source run holds not only here but from here on: those
   * that begin with the first different one, for in front of it the two runs are the same. What is
   * read must be computed.
   */
  private int followed(int prompt, int[] positions) {
    int followed = 0;
    while (followed < positions.length
        && positions[followed] == source.firstDifferent(prompt) + followed
        && !isRead(prompt, positions[followed])) {
      followed++;
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

  /** Takes over the rows that differ, with {@code added} to them if there is anything to add. */
  private ChangedRows rows(
      HookPoint point, FloatBuffer value, StartPlace place, @Nullable FloatBuffer added) {
    ChangedRows changes =
        new ChangedRows(place, place.stage() == Stage.Z ? width : config.dModel());
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      int[] positions = changed(point, value, place, prompt);
      if (positions.length > 0) {
        changes.add(Instance.of(0, prompt, positions));
        addRows(changes, value, prompt, positions, 0, added);
      }
    }
    return changes;
  }

  /** Returns the positions of a prompt that differ and matter. */
  private int[] changed(HookPoint point, FloatBuffer value, StartPlace place, int prompt) {
    FloatBuffer before = base.floats(point.activation(), point.layer());
    int size = place.stage() == Stage.Z ? width : config.dModel();
    int[] positions = new int[tokens.length()];
    int count = 0;
    for (int pos = tokens.firstPos(prompt); pos <= tokens.lastPos(prompt); pos++) {
      if (differs(before, value, row(prompt, pos), size) && matters(place, prompt, pos)) {
        positions[count++] = pos;
      }
    }
    return Arrays.copyOf(positions, count);
  }

  private void addRows(
      ChangedRows changes,
      FloatBuffer value,
      int prompt,
      int[] positions,
      int from,
      @Nullable FloatBuffer added) {
    int size = changes.width();
    float[] sum = new float[added == null ? 0 : size];
    for (int i = from; i < positions.length; i++) {
      float[] row = free.take(size);
      value.get(row(prompt, positions[i]) * size, row);
      if (added != null) {
        added.get(row(prompt, positions[i]) * size, sum);
        FloatMath.add(sum, row, size);
      }
      changes.addRow(row);
    }
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
