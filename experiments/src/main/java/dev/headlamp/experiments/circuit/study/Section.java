package dev.headlamp.experiments.circuit.study;

import java.util.Arrays;
import java.util.List;

/** What can be asked of a circuit, in the order in which it is asked. */
public enum Section {
  /** {@link dev.headlamp.experiments.circuit.BackwardTrace}. */
  PATHS(
      "paths",
      "Path patching from the logits backwards",
      "What each head and MLP sends straight into the logits, into the queries of name movers, into"
          + " the values of S-inhibition heads and into the keys of induction heads: the change of"
          + " the logit difference when it sends what it writes for the p_ABC prompts.",
      "gpt2: name movers 9.9, 9.6, 10.0 and negative name movers 10.7, 11.10 into the logits; 7.3,"
          + " 7.9, 8.6, 8.10 into their queries; 5.5, 6.9, 0.1, 3.0 into the values of those; 2.2,"
          + " 4.11 into the keys of induction heads."),
  /** {@link dev.headlamp.experiments.circuit.validation.Faithfulness}. */
  FAITHFULNESS(
      "faithfulness",
      "Faithfulness",
      "Everything outside the circuit at its mean over p_ABC, within the template, at each position.",
      "gpt2, the 26 heads: |F(M) - F(C)| = 0.46, 87 % of 3.56; the naive circuit 0.1 in the text and"
          + " 0.44 in the numbers stored with the code."),
  /** {@link dev.headlamp.experiments.circuit.validation.Completeness}. */
  COMPLETENESS(
      "completeness",
      "Completeness",
      "The same heads K taken out of the circuit and out of the model: a complete circuit loses as"
          + " much as the model.",
      "gpt2: near the diagonal for classes and random sets; greedy search finds a K with a"
          + " difference of 3.09 (87 %)."),
  /** {@link dev.headlamp.experiments.circuit.validation.Minimality}. */
  MINIMALITY(
      "minimality",
      "Minimality",
      "What each head v adds to the circuit without some heads K.",
      "gpt2: every one of the 26 heads changes the logit difference by at least 1 % of 3.56."),
  /** {@link dev.headlamp.experiments.circuit.behaviour.CopyScores}. */
  COPYING(
      "copying",
      "Copy scores",
      "Whether a head that attends to a name writes that name among the five best tokens.",
      "gpt2: name movers above 95 %, all heads below 20 % on average; negative name movers 98 %"
          + " against 12 %."),
  /** {@link dev.headlamp.experiments.circuit.behaviour.NameAttention}. */
  ATTENTION(
      "attention",
      "Attention to the names and what is written",
      "Attention from END, and its correlation with the head's part of the logit of the name.",
      "gpt2: name movers attend to IO with 0.59 on average, correlation above 0.81 (500 prompts);"
          + " S-inhibition heads attend from END to S2 with 0.51."),
  /** {@link dev.headlamp.experiments.circuit.behaviour.InhibitionSignals}. */
  SIGNALS(
      "signals",
      "Token and position signals of the S-inhibition heads",
      "Their outputs replaced by those for prompts in which the names, their places, or both are"
          + " exchanged, or which stand behind a longer prefix; and how much of the drop comes from"
          + " induction and duplicate token heads, their outputs being replaced so.",
      "gpt2: 2.31 * position + 0.99 * token fits the table with a mean error of 7 %. With a longer"
          + " prefix 3.57 instead of 3.56: the position is relative. Induction and duplicate token"
          + " heads account for at least 88 % of the drop by position and less than 8 % of that by"
          + " token."),
  /** {@link dev.headlamp.experiments.circuit.behaviour.BackupHeads}. */
  BACKUPS(
      "backups",
      "Backup heads",
      "What each head writes of the logit difference itself, before and after the name movers are"
          + " knocked out.",
      "gpt2: without its three name movers the logit difference falls by 5 % only."),
  /** {@link dev.headlamp.experiments.circuit.behaviour.MlpRoles}. */
  MLPS(
      "mlps",
      "MLPs knocked out",
      "Each MLP, and all but the first, at its mean over p_ABC.",
      "gpt2: without MLP 0 the sign is reversed; for all MLPs but MLP 0 the paper gives -1.1."),
  /** {@link dev.headlamp.experiments.circuit.behaviour.AdversarialPrompts}. */
  ADVERSARIAL(
      "adversarial",
      "Adversarial prompts",
      "A sentence between the clauses that says one of the names once more.",
      "gpt2: with a sentence on IO the logit difference falls from 3.55 to 1.23, and S is likelier"
          + " in 23.4 % of the prompts; with one on S it is 3.64.");

  private final String id;
  private final String heading;
  private final String question;
  private final String literature;

  Section(String id, String heading, String question, String literature) {
    this.id = id;
    this.heading = heading;
    this.question = question;
    this.literature = literature;
  }

  /**
   * Returns the section that is called so.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Section parse(String id) {
    return Arrays.stream(values())
        .filter(section -> section.id.equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown section '%s': there are %s".formatted(id, List.of(values()))));
  }

  /** Returns the heading of the section. */
  public String heading() {
    return heading;
  }

  /** Returns what is asked. */
  public String question() {
    return question;
  }

  /** Returns what Wang et al. 2022 found for gpt2. */
  public String literature() {
    return literature;
  }

  @Override
  public String toString() {
    return id;
  }
}
