package dev.headlamp.experiments.circuit.behaviour;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.BlockWeights;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.experiments.circuit.Head;
import dev.headlamp.experiments.circuit.IoiTask;
import dev.headlamp.experiments.ioi.IoiPosition;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Whether a head that attends to a name writes that name (Wang et al. 2022, section 3.1 and its
 * code): the residual stream after block 0 at a name, through the second block's first layer norm
 * and the head's value and output matrices, is unembedded; it is a hit if the name is among the
 * five best tokens. The score is the share of hits over IO, S1 and S2 of all prompts, in per cent.
 *
 * @param positive {@code [layer, head]}, in per cent
 * @param negative the same of the head's output times −1, for heads that write against the name
 */
public record CopyScores(LabelledArray positive, LabelledArray negative) {

  private static final int BEST = 5;
  private static final List<IoiPosition> NAMES =
      List.of(IoiPosition.IO, IoiPosition.S1, IoiPosition.S2);

  /**
   * Returns the scores of every head; what was not computed when the monitor cancelled is absent.
   *
   * @throws IllegalArgumentException if the model has one layer only
   */
  public static CopyScores of(IoiTask task, SweepMonitor monitor) {
    Gpt2Config config = task.model().config();
    if (config.nLayers() < 2) {
      throw new IllegalArgumentException(
          "copy scores need the second layer's layer norm: %s has 1 layer"
              .formatted(config.name()));
    }
    int heads = config.nLayers() * config.nHeads();
    double[] positive = new double[heads];
    double[] negative = new double[heads];
    Arrays.fill(positive, LabelledArray.ABSENT);
    Arrays.fill(negative, LabelledArray.ABSENT);
    try (INDArray names = names(task)) {
      int[] ids = ids(task);
      for (int i = 0; i < heads && !monitor.stops(); i++) {
        Head head = new Head(i / config.nHeads(), i % config.nHeads());
        try (INDArray written = written(task.model(), names, head);
            INDArray opposite = written.neg()) {
          positive[i] = hits(task.model(), written, ids);
          negative[i] = hits(task.model(), opposite, ids);
        }
        monitor.onProgress(i + 1L, heads);
      }
    }
    List<Axis> axes =
        List.of(Axis.numbered("layer", config.nLayers()), Axis.numbered("head", config.nHeads()));
    return new CopyScores(
        LabelledArray.of("copy scores", "% of names in the top 5", axes, positive),
        LabelledArray.of("negative copy scores", "% of names in the top 5", axes, negative));
  }

  /** Returns what the second block reads at the names, {@code [name, d_model]}. */
  private static INDArray names(IoiTask task) {
    HookPoint read = HookPoint.of(Activation.LN1_NORMALIZED, 1);
    INDArray names =
        Nd4j.create(
            task.model().dataType(),
            NAMES.size() * (long) task.ioi().size(),
            task.model().config().dModel());
    try (CachedRun run = task.model().runWithCache(task.prompts(), CacheSpec.of(read).stopAt(2))) {
      INDArray normalized = run.cache().get(read);
      for (int i = 0; i < names.rows(); i++) {
        int prompt = i / NAMES.size();
        int pos = task.ioi().position(NAMES.get(i % NAMES.size()), prompt);
        names.putRow(
            i,
            normalized.get(
                NDArrayIndex.point(prompt), NDArrayIndex.point(pos), NDArrayIndex.all()));
      }
    }
    return names;
  }

  private static int[] ids(IoiTask task) {
    int[] io = task.ioi().answers();
    int[] subject = task.ioi().wrong();
    int[] ids = new int[NAMES.size() * io.length];
    Arrays.setAll(
        ids, i -> i % NAMES.size() == 0 ? io[i / NAMES.size()] : subject[i / NAMES.size()]);
    return ids;
  }

  /** Returns what a head writes that attends to nothing but one name, {@code [name, d_model]}. */
  private static INDArray written(HookedGpt2 model, INDArray names, Head head) {
    BlockWeights block = model.engine().weights().blocks().get(head.layer());
    long from = (long) head.index() * model.config().dHead();
    long to = from + model.config().dHead();
    INDArray wV = block.wV().get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
    INDArray wO = block.wO().get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
    try (INDArray values = names.mmul(wV)) {
      INDArray bV = block.bV();
      if (bV != null) {
        values.addiRowVector(bV.get(NDArrayIndex.interval(from, to)));
      }
      return values.mmul(wO).dup('c');
    }
  }

  /** Returns how many of the names are among the best tokens, in per cent. */
  private static double hits(HookedGpt2 model, INDArray written, int[] ids) {
    int[][] alone = new int[ids.length][];
    Arrays.setAll(alone, i -> new int[] {ids[i]});
    INDArray residual = written.reshape('c', ids.length, 1, model.config().dModel());
    RunSpec end =
        RunSpec.of(TokenBatch.of(alone))
            .startAt(model.config().nLayers(), residual)
            .withLogits(LogitSelection.last());
    try (RunResult run = model.run(end, model.newHooks())) {
      int vocabulary = model.config().dVocab();
      float[] logits = run.logits().dup('c').data().asFloat();
      int hits = 0;
      for (int i = 0; i < ids.length; i++) {
        hits += rank(logits, i * vocabulary, vocabulary, ids[i]) < BEST ? 1 : 0;
      }
      return 100.0 * hits / ids.length;
    }
  }

  private static int rank(float[] logits, int from, int count, int id) {
    float own = logits[from + id];
    int better = 0;
    for (int token = 0; token < count; token++) {
      better += logits[from + token] > own ? 1 : 0;
    }
    return better;
  }
}
