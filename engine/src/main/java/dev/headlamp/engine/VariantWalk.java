package dev.headlamp.engine;

import java.util.Arrays;

/**
 * Works on one row of variants after another, with the keys and values of the variant at hand. For
 * one thread.
 */
final class VariantWalk {

  private static final int NONE = -1;
  private static final float[] NO_SCORES = {};

  private final Gpt2Config config;
  private final TokenBatch tokens;
  private final RowAttention attention;

  /** By position, of the variant at hand. */
  private final float[][] keys;

  private final float[][] values;

  /** At which positions the variant has a key and a value of its own. */
  private final boolean[] own;

  private final float[] query;
  private final float[] z;
  private float[] scores = NO_SCORES;
  private int instance = NONE;
  private int from;
  private int to;
  private double divisor;

  VariantWalk(Gpt2Config config, TokenBatch tokens) {
    int width = config.nHeads() * config.dHead();
    this.config = config;
    this.tokens = tokens;
    this.attention = new RowAttention(config, tokens.length());
    this.keys = new float[tokens.length()][];
    this.values = new float[tokens.length()][];
    this.own = new boolean[tokens.length()];
    this.query = new float[width];
    this.z = new float[width];
  }

  /** Forgets the variant at hand. */
  void begin() {
    instance = NONE;
  }

  /** Returns room for a row's products with the base run's keys, {@code [head, pos]}. */
  float[] scores(int visible) {
    int needed = config.nHeads() * visible;
    if (scores.length < needed) {
      scores = new float[needed];
    }
    return scores;
  }

  /** Turns to a row, whose query it reads. */
  void load(VariantBlock block, int row) {
    if (instance != block.instance(row)) {
      instance = block.instance(row);
      loadOwn(block);
    }
    block.query(row, query);
    int pos = block.position(row);
    from = ChangeFinder.firstVisible(config, tokens, block.layer(), block.prompt(row), pos);
    to = pos + 1;
    divisor = config.scoreDivisor(block.layer());
  }

  private void loadOwn(VariantBlock block) {
    Arrays.fill(own, false);
    Instance changed = block.entering(instance);
    for (int i = 0; i < changed.differing(); i++) {
      int pos = changed.differingAt(i);
      if (keys[pos] == null) {
        keys[pos] = new float[query.length];
        values[pos] = new float[query.length];
      }
      block.keyAndValue(instance, i, keys[pos], values[pos]);
      own[pos] = true;
    }
  }

  /** Writes z of a row that has keys and values of its own only. */
  void attend() {
    attention.attend(query, keys, values, from, to, divisor, z);
  }

  /** Writes what a row's own keys add to z, and the others' weights over their products. */
  void attend(int visible) {
    attention.attend(query, keys, values, own, scores, visible, from, to, divisor, z);
  }

  /** Returns the query of the row at hand; may be written to. */
  float[] query() {
    return query;
  }

  /** Returns z of the row at hand; may be written to. */
  float[] z() {
    return z;
  }
}
