package dev.headlamp.engine;

import dev.headlamp.engine.ChangedRows.Stage;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what the changed value of a point makes different: the rows of the next of three stages of
 * a block, z, the residual stream behind the attention, or the residual stream entering a block.
 */
final class ChangeFinder {

  private final Gpt2Config config;
  private final BaseRun base;
  private final TokenBatch tokens;
  private final int[][] read;
  private final int heads;
  private final int dHead;
  private final int width;
  private final RowAttention attention;

  ChangeFinder(Gpt2Config config, BaseRun base, LogitSelection reads) {
    this.config = config;
    this.base = base;
    this.tokens = base.tokens();
    this.read = reads.positions(tokens);
    this.heads = config.nHeads();
    this.dHead = config.dHead();
    this.width = heads * dHead;
    this.attention = new RowAttention(config, tokens.length());
  }

  /** Returns what is different if {@code point} holds {@code value}, for variant 0. */
  ChangedRows changes(HookPoint point, FloatBuffer value) {
    int layer = point.layer();
    return switch (point.activation()) {
      case RESID_PRE ->
          rows(point, value, new ChangedRows(Stage.RESID_PRE, layer, config.dModel()), null);
      case RESID_POST ->
          rows(point, value, new ChangedRows(Stage.RESID_PRE, layer + 1, config.dModel()), null);
      case RESID_MID ->
          rows(point, value, new ChangedRows(Stage.RESID_MID, layer, config.dModel()), null);
      case ATTN_OUT ->
          rows(
              point,
              value,
              new ChangedRows(Stage.RESID_MID, layer, config.dModel()),
              base.floats(Activation.RESID_PRE, layer));
      case MLP_OUT ->
          rows(
              point,
              value,
              new ChangedRows(Stage.RESID_PRE, layer + 1, config.dModel()),
              base.floats(Activation.RESID_MID, layer));
      case Z -> rows(point, value, new ChangedRows(Stage.Z, layer, width), null);
      case Q -> queries(point, value);
      case K, V -> keysOrValues(point, value);
      case PATTERN -> pattern(point, value);
      default -> throw new IllegalArgumentException(point + " has no variants");
    };
  }

  /** Takes over the rows that differ, with {@code added} to them if there is anything to add. */
  private ChangedRows rows(
      HookPoint point, FloatBuffer value, ChangedRows changes, @Nullable FloatBuffer added) {
    FloatBuffer before = base.floats(point.activation(), point.layer());
    int size = changes.width();
    float[] sum = new float[size];
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      int[] positions = new int[tokens.length()];
      int count = 0;
      for (int pos = tokens.firstPos(prompt); pos <= tokens.lastPos(prompt); pos++) {
        if (differs(before, value, row(prompt, pos), size) && matters(changes, prompt, pos)) {
          positions[count++] = pos;
        }
      }
      if (count == 0) {
        continue;
      }
      positions = Arrays.copyOf(positions, count);
      changes.add(Instance.of(0, prompt, positions));
      for (int pos : positions) {
        float[] row = new float[size];
        value.get(row(prompt, pos) * size, row);
        if (added != null) {
          added.get(row(prompt, pos) * size, sum);
          for (int i = 0; i < size; i++) {
            row[i] += sum[i];
          }
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
  private boolean matters(ChangedRows changes, int prompt, int pos) {
    int last = config.nLayers() - (changes.stage() == Stage.RESID_PRE ? 0 : 1);
    boolean attended = changes.layer() < last;
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
    ChangedZ changed = new ChangedZ(point.layer());
    FloatBuffer before = base.floats(Activation.Q, point.layer());
    float[] q = new float[width];
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      boolean[] differing = new boolean[heads];
      for (int pos = tokens.firstPos(prompt); pos <= tokens.lastPos(prompt); pos++) {
        if (!heads(before, value, row(prompt, pos), differing)) {
          continue;
        }
        value.get(row(prompt, pos) * width, q);
        changed.recompute(prompt, pos, differing, q);
      }
      changed.endOf(prompt);
    }
    return changed.rows();
  }

  private ChangedRows keysOrValues(HookPoint point, FloatBuffer value) {
    ChangedZ changed = new ChangedZ(point.layer());
    FloatBuffer before = base.floats(point.activation(), point.layer());
    FloatBuffer queries = base.floats(Activation.Q, point.layer());
    boolean keys = point.activation() == Activation.K;
    float[] q = new float[width];
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      boolean[] differing = new boolean[heads];
      int first = -1;
      for (int pos = tokens.firstPos(prompt); pos <= tokens.lastPos(prompt); pos++) {
        boolean[] here = new boolean[heads];
        if (heads(before, value, row(prompt, pos), here)) {
          first = first < 0 ? pos : first;
          for (int h = 0; h < heads; h++) {
            differing[h] |= here[h];
          }
        }
      }
      if (first >= 0) {
        changed.load(prompt, keys ? value : null, keys ? null : value);
        for (int pos = first; pos <= tokens.lastPos(prompt); pos++) {
          queries.get(row(prompt, pos) * width, q);
          changed.recompute(prompt, pos, differing, q);
        }
      }
      changed.endOf(prompt);
    }
    return changed.rows();
  }

  private ChangedRows pattern(HookPoint point, FloatBuffer value) {
    ChangedZ changed = new ChangedZ(point.layer());
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
          if (differing[h] && differs(before, value, at, length)) {
            value.get(at * length, row);
            changed.remix(prompt, pos, h, row);
          }
        }
      }
      changed.endOf(prompt);
    }
    return changed.rows();
  }

  /** Marks the heads that differ at a row; returns whether any does. */
  private boolean heads(FloatBuffer before, FloatBuffer after, int row, boolean[] differing) {
    if (!differs(before, after, row, width)) {
      Arrays.fill(differing, false);
      return false;
    }
    for (int h = 0; h < heads; h++) {
      differing[h] = differs(before, after, (row * heads) + h, dHead);
    }
    return true;
  }

  /** Collects rows of z in which some heads are computed again. */
  private final class ChangedZ {
    private final int layer;
    private final ChangedRows rows;
    private final FloatBuffer z;
    private final float[] keys = new float[tokens.length() * width];
    private final float[] values = new float[keys.length];
    private final RowTable keysOf = new RowTable(tokens.length());
    private final RowTable valuesOf = new RowTable(tokens.length());
    private final float[] row = new float[width];
    private final List<Integer> positions = new ArrayList<>();
    private final List<float[]> added = new ArrayList<>();
    private int loaded = -1;

    ChangedZ(int layer) {
      this.layer = layer;
      this.rows = new ChangedRows(Stage.Z, layer, width);
      this.z = base.floats(Activation.Z, layer);
      for (int pos = 0; pos < tokens.length(); pos++) {
        keysOf.set(pos, keys, pos * width);
        valuesOf.set(pos, values, pos * width);
      }
    }

    /** Takes a prompt's keys and values, from the unchanged run where none are given. */
    void load(int prompt, @Nullable FloatBuffer otherKeys, @Nullable FloatBuffer otherValues) {
      int at = row(prompt, 0) * width;
      (otherKeys == null ? base.floats(Activation.K, layer) : otherKeys).get(at, keys);
      (otherValues == null ? base.floats(Activation.V, layer) : otherValues).get(at, values);
      loaded = prompt;
    }

    void recompute(int prompt, int pos, boolean[] differing, float[] q) {
      if (!begin(prompt, pos)) {
        return;
      }
      int from = firstVisible(config, tokens, layer, prompt, pos);
      for (int h = 0; h < heads; h++) {
        if (differing[h]) {
          double divisor = config.scoreDivisor(layer);
          attention.attend(h, q, keysOf, valuesOf, from, pos + 1, divisor, row);
        }
      }
      end(pos);
    }

    void remix(int prompt, int pos, int head, float[] pattern) {
      boolean again = !positions.isEmpty() && positions.get(positions.size() - 1) == pos;
      if (again) {
        System.arraycopy(added.get(added.size() - 1), 0, row, 0, width);
        positions.remove(positions.size() - 1);
        added.remove(added.size() - 1);
      } else if (!begin(prompt, pos)) {
        return;
      }
      attention.mix(head, pattern, valuesOf, 0, tokens.length(), row);
      end(pos);
    }

    private boolean begin(int prompt, int pos) {
      if (!matters(rows, prompt, pos)) {
        return false;
      }
      if (loaded != prompt) {
        load(prompt, null, null);
      }
      z.get(row(prompt, pos) * width, row);
      return true;
    }

    private void end(int pos) {
      positions.add(pos);
      added.add(row.clone());
    }

    void endOf(int prompt) {
      loaded = -1;
      if (positions.isEmpty()) {
        return;
      }
      int[] changed = positions.stream().mapToInt(Integer::intValue).toArray();
      rows.add(Instance.of(0, prompt, changed));
      added.forEach(rows::addRow);
      positions.clear();
      added.clear();
    }

    ChangedRows rows() {
      return rows;
    }
  }

  /** Returns the first position that a query sees. */
  static int firstVisible(Gpt2Config config, TokenBatch tokens, int layer, int prompt, int pos) {
    int window = config.attentionWindows().get(layer);
    int first = tokens.firstPos(prompt);
    return window == 0 ? first : Math.max(first, pos + 1 - window);
  }
}
