package dev.headlamp.experiments.verify;

import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.tokenizer.Bos;
import java.util.List;
import java.util.Locale;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What follows a prompt: how probable some tokens are there. */
record NextTokenCheck(String prompt, Bos bos, List<Figure> figures) implements Check {

  /** What is published of a token. */
  enum Quantity {
    /** How many tokens are more probable. */
    RANK,
    /** The logit as the model computes it. */
    LOGIT,
    /**
     * The logit less the mean of all: what weights processed by {@code center_unembed} give. No
     * other processing changes a logit, and none a probability.
     */
    CENTRED_LOGIT,
    /** From 0 to 1. */
    PROBABILITY;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** A figure of one token, given as its text. */
  record Figure(String token, Quantity quantity, Expectation expected) {}

  @Override
  public String title() {
    return "next token of \"" + prompt + '"';
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    RunSpec run =
        RunSpec.of(model.toTokens(List.of(prompt), bos)).withLogits(LogitSelection.last());
    try (INDArray logits = model.engine().run(run).logits()) {
      NextToken next = NextToken.of(logits, 0, 0);
      double mean = logits.meanNumber().doubleValue();
      return figures.stream().map(figure -> finding(model, figure, next, mean)).toList();
    }
  }

  private Finding finding(HookedGpt2 model, Figure figure, NextToken next, double meanLogit) {
    int token = model.tokenizer().toSingleToken(figure.token());
    double measured =
        switch (figure.quantity()) {
          case RANK -> next.rank(token);
          case LOGIT -> next.logit(token);
          case CENTRED_LOGIT -> next.logit(token) - meanLogit;
          case PROBABILITY -> next.probability(token);
        };
    return new Finding.Measured(
        "%s of \"%s\" after \"%s\"".formatted(figure.quantity(), figure.token(), prompt),
        figure.expected(),
        measured);
  }
}
