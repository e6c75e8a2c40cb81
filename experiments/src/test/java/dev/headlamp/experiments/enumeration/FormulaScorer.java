package dev.headlamp.experiments.enumeration;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Stands in for a model: scores prompts by a formula, and remembers their rows. */
final class FormulaScorer implements PromptScorer {

  final List<Integer> scored = new ArrayList<>();
  private final ToDoubleFunction<ScoredPrompt> formula;

  private FormulaScorer(ToDoubleFunction<ScoredPrompt> formula) {
    this.formula = formula;
  }

  static FormulaScorer of(ToDoubleFunction<ScoredPrompt> formula) {
    return new FormulaScorer(formula);
  }

  /** Returns a scorer that gives different prompts different values, some below zero. */
  static FormulaScorer byHash() {
    return of(FormulaScorer::hash);
  }

  static float hash(ScoredPrompt prompt) {
    return Arrays.hashCode(prompt.tokens()) % 100_003 / 1000f;
  }

  @Override
  public float[] score(List<ScoredPrompt> prompts) {
    float[] scores = new float[prompts.size()];
    for (int i = 0; i < scores.length; i++) {
      scored.add(prompts.get(i).row());
      scores[i] = (float) formula.applyAsDouble(prompts.get(i));
    }
    return scores;
  }

  @Override
  public long work(List<ScoredPrompt> prompts) {
    return prompts.size();
  }
}
