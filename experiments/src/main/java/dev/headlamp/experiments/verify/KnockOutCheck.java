package dev.headlamp.experiments.verify;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.ablation.AblationTarget;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.ablation.KnockOutColumn;
import dev.headlamp.hooks.ablation.KnockOutSweep;
import dev.headlamp.hooks.ablation.ReferenceSet;
import dev.headlamp.hooks.metrics.Distance;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.tokenizer.Bos;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What knocking out the heads of a layer does to the next token of a prompt: each is put at its
 * mean over prompts of three different random names. Where those were drawn without a known seed,
 * the median over several is compared.
 *
 * @param template the prompts to average over, with {@code {s1}}, {@code {s2}} and {@code {s3}}
 *     where names go
 * @param samples how many prompts to average over
 * @param seeds how many times
 * @param figures the published heads
 */
record KnockOutCheck(
    String prompt,
    String answer,
    Bos bos,
    String template,
    int layer,
    int samples,
    int seeds,
    List<Figure> figures)
    implements Check {

  /**
   * A head and what was published of it.
   *
   * @param rank by KL divergence among the heads of the layer, counted from 1
   * @param kl KL(original ‖ without), in nats
   * @param probability p(answer) of the original less that without
   */
  record Figure(int head, Expectation rank, Expectation kl, Expectation probability) {}

  @Override
  public String title() {
    return "knock-out of the heads of layer %d on \"%s\"".formatted(layer, prompt);
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    model.config().checkLayer(layer);
    figures.forEach(figure -> model.config().checkHead(figure.head()));
    KnockOutColumn klColumn = KnockOutColumn.of(Distance.KL);
    KnockOutColumn probabilityColumn =
        KnockOutColumn.probability(answer, model.tokenizer().toSingleToken(answer));
    List<LabelledArray> effects = effects(model, List.of(klColumn, probabilityColumn));
    double[] kl = medians(effects, klColumn);
    double[] probability = medians(effects, probabilityColumn);
    List<Finding> findings = new ArrayList<>();
    for (Figure figure : figures) {
      int head = figure.head();
      String without = " without " + new HeadName(layer, head) + " after \"" + prompt + '"';
      long better = Arrays.stream(kl).filter(other -> other > kl[head]).count();
      findings.add(new Finding.Measured("rank by KL" + without, figure.rank(), better + 1));
      findings.add(new Finding.Measured("KL" + without + ", nats", figure.kl(), kl[head]));
      findings.add(
          new Finding.Measured(
              "fall of p(\"%s\")%s".formatted(answer, without),
              figure.probability(),
              probability[head]));
    }
    return findings;
  }

  /** Returns the effects of every seed, {@code [head, quantity]}. */
  private List<LabelledArray> effects(HookedGpt2 model, List<KnockOutColumn> columns) {
    List<String> names =
        IoiWords.published().names().stream()
            .filter(name -> model.tokenizer().countTokens(" " + name, Bos.NONE) == 1)
            .toList();
    List<AblationTarget> headsAtTheEnd =
        AblationTarget.heads(model.config(), layer).stream()
            .map(head -> head.at(Positions.last()))
            .toList();
    CacheSpec z = CacheSpec.of(HookPoint.of(Activation.Z, layer)).stopAt(layer + 1);
    List<LabelledArray> effects = new ArrayList<>();
    try (KnockOutSweep sweep = KnockOutSweep.of(model, model.toTokens(List.of(prompt), bos))) {
      for (int seed = 0; seed < seeds; seed++) {
        try (CachedRun run = model.runWithCache(reference(model, names, seed), z)) {
          Hook mean = Ablations.meanPerPosition(ReferenceSet.of(run.cache()).alignedAtEnd());
          effects.add(sweep.run(headsAtTheEnd, mean, columns).means());
        }
      }
    }
    return effects;
  }

  private TokenBatch reference(HookedGpt2 model, List<String> names, long seed) {
    if (names.size() < 3) {
      throw new IllegalArgumentException(
          "three names are needed, and %d are single tokens".formatted(names.size()));
    }
    SplittableRandom random = new SplittableRandom(seed);
    List<String> prompts = new ArrayList<>();
    while (prompts.size() < samples) {
      int[] three = random.ints(0, names.size()).distinct().limit(3).toArray();
      prompts.add(
          template
              .replace("{s1}", names.get(three[0]))
              .replace("{s2}", names.get(three[1]))
              .replace("{s3}", names.get(three[2])));
    }
    return model.toTokens(prompts, bos);
  }

  /** Returns the median over the seeds for each head. */
  private static double[] medians(List<LabelledArray> effects, KnockOutColumn column) {
    List<double[]> bySeed =
        effects.stream().map(effect -> effect.slice("quantity", column.label()).values()).toList();
    return IntStream.range(0, bySeed.get(0).length)
        .mapToDouble(
            head -> median(bySeed.stream().mapToDouble(heads -> heads[head]).sorted().toArray()))
        .toArray();
  }

  private static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
