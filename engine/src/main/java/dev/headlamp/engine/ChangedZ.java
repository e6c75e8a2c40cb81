package dev.headlamp.engine;

import dev.headlamp.engine.StartPlace.Stage;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Computes z of a block again at single positions and in single heads, and collects the rows. For
 * one block after another.
 */
final class ChangedZ {

  private final Gpt2Config config;
  private final BaseRun base;
  private final TokenBatch tokens;
  private final FreeRows free;
  private final int heads;
  private final int dHead;
  private final int width;
  private final RowAttention attention;

  /** Of the prompt at hand, {@code [pos][head·d_head]}, those heads that are needed. */
  private final float[][] keys;

  private final float[][] values;
  private final boolean[] loaded;
  private int layer;
  private ChangedRows rows = new ChangedRows(new StartPlace(0, Stage.Z), 0);
  private FloatBuffer keySource = FloatBuffer.allocate(0);
  private FloatBuffer valueSource = keySource;
  private FloatBuffer z = keySource;

  /** Of the prompt at hand. */
  private final int[] positions;

  private final float[][] changed;
  private int count;

  ChangedZ(Gpt2Config config, BaseRun base, FreeRows free) {
    this.config = config;
    this.base = base;
    this.tokens = base.tokens();
    this.free = free;
    this.heads = config.nHeads();
    this.dHead = config.dHead();
    this.width = heads * dHead;
    this.attention = new RowAttention(config, tokens.length());
    this.keys = new float[tokens.length()][width];
    this.values = new float[tokens.length()][width];
    this.loaded = new boolean[heads];
    this.positions = new int[tokens.length()];
    this.changed = new float[tokens.length()][];
  }

  /** Turns to a block, with the keys and values of the unchanged run. */
  void begin(int ofLayer) {
    layer = ofLayer;
    rows = new ChangedRows(new StartPlace(layer, Stage.Z), width);
    keySource = base.floats(Activation.K, layer);
    valueSource = base.floats(Activation.V, layer);
    z = base.floats(Activation.Z, layer);
  }

  /** Takes other keys or values, whole, for this block. */
  void replace(Activation activation, FloatBuffer others) {
    if (activation == Activation.K) {
      keySource = others;
    } else {
      valueSource = others;
    }
  }

  /** Returns what was collected of this block. */
  ChangedRows rows() {
    return rows;
  }

  /** Computes some heads at a position behind those so far, with a query of all heads. */
  void attend(int prompt, int pos, boolean[] which, float[] q) {
    float[] row = rowAt(prompt, pos);
    int from = ChangeFinder.firstVisible(config, tokens, layer, prompt, pos);
    for (int h = 0; h < heads; h++) {
      if (which[h]) {
        load(prompt, h);
        attention.attend(h, q, keys, values, from, pos + 1, config.scoreDivisor(layer), row);
      }
    }
  }

  /** Mixes the values by a pattern of one head, at the latest position or one behind it. */
  void mix(int prompt, int pos, int head, float[] pattern) {
    boolean again = count > 0 && positions[count - 1] == pos;
    float[] row = again ? changed[count - 1] : rowAt(prompt, pos);
    load(prompt, head);
    attention.mix(head, pattern, values, 0, tokens.length(), row);
  }

  private float[] rowAt(int prompt, int pos) {
    float[] row = free.take(width);
    z.get(((prompt * tokens.length()) + pos) * width, row);
    positions[count] = pos;
    changed[count++] = row;
    return row;
  }

  private void load(int prompt, int head) {
    if (loaded[head]) {
      return;
    }
    int at = (prompt * tokens.length() * width) + (head * dHead);
    for (int pos = 0; pos < tokens.length(); pos++, at += width) {
      keySource.get(at, keys[pos], head * dHead, dHead);
      valueSource.get(at, values[pos], head * dHead, dHead);
    }
    loaded[head] = true;
  }

  /** Ends a prompt. */
  void endOf(int prompt) {
    Arrays.fill(loaded, false);
    if (count > 0) {
      rows.add(Instance.of(0, prompt, Arrays.copyOf(positions, count)));
      for (int i = 0; i < count; i++) {
        rows.addRow(changed[i]);
      }
      count = 0;
    }
  }
}
