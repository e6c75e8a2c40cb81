package dev.headlamp.hooks.paths;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Path patching: by how much a metric changes when some receivers read what they would have read
 * had a sender written what it writes for other prompts, with everything frozen in between (Wang et
 * al. 2022, arXiv 2211.00593, appendix B, algorithm 1).
 *
 * <ol type="A">
 *   <li>Run the replacement prompts.
 *   <li>Run the original prompts.
 *   <li>Run the original prompts with the sender as in A and every head frozen as in B, and record
 *       the receivers.
 *   <li>Run the original prompts with the receivers as recorded, everything else recomputed.
 * </ol>
 *
 * <p>The effect is the mean metric of D less that of B. A and B are run once. C is not a run but
 * rows of single MLPs, and D begins at the first receiver's layer; both take many senders at once.
 * A sender that no receiver can see has the effect 0 without being computed. Results are those of
 * the algorithm.
 *
 * <p>Holds what both runs held at some points until closed. For one thread at a time.
 */
public final class PathPatching implements AutoCloseable {

  /** Positions computed at once: enough for long matrix products, few enough for little memory. */
  private static final int POSITIONS_AT_ONCE = 4096;

  /** For a single number, which is computed even on a thread that has been interrupted. */
  private static final SweepMonitor TO_THE_END =
      new SweepMonitor() {
        @Override
        public void onProgress(long done, long total) {}

        @Override
        public boolean stops() {
          return false;
        }
      };

  private final RunPair runs;
  private final double originalMetric;

  PathPatching(RunPair runs) {
    this.runs = runs;
    this.originalMetric = runs.originalMetric();
  }

  /**
   * Returns path patching of one set of prompts with values of another.
   *
   * @param original the prompts that are patched; x_orig of the paper
   * @param replacement the prompts that patched values come from, with tokens and padding at the
   *     same positions; x_new of the paper
   * @throws IllegalArgumentException if the two sets differ in number of prompts or of tokens
   */
  public static PathPatching of(
      HookedGpt2 model, TokenBatch original, TokenBatch replacement, Metric metric) {
    return new PathPatching(new RunPair(model, original, replacement, metric));
  }

  /** Returns the mean metric of the original prompts, which effects are counted from. */
  public double originalMetric() {
    return originalMetric;
  }

  /**
   * Returns the effect of some senders, patched together.
   *
   * @throws IllegalArgumentException if there is no sender, the model has not every sender and
   *     receiver, or the prompts not every position
   * @throws IllegalStateException if this is closed
   */
  public double effect(PathSpec paths, Sender... senders) {
    Set<Sender> together = Set.copyOf(Arrays.asList(senders));
    if (together.isEmpty()) {
      throw new IllegalArgumentException("at least one sender is needed");
    }
    together.forEach(sender -> sender.checkedFor(runs.config()));
    return effects(paths, List.of(together), TO_THE_END)[0];
  }

  /**
   * Returns the effect of every head and MLP: {@code [layer, head]}, where the last entry of the
   * second axis is {@code mlp}.
   *
   * @throws IllegalArgumentException if the model has not every receiver, or the prompts not every
   *     position
   * @throws IllegalStateException if this is closed
   */
  public LabelledArray sweep(PathSpec paths) {
    return sweep(paths, SweepMonitor.NONE);
  }

  /**
   * As {@link #sweep(PathSpec)}; what was not computed because {@code monitor} cancelled, or the
   * thread was interrupted, is absent. Senders are computed many at once, and the monitor is asked
   * in between.
   */
  public LabelledArray sweep(PathSpec paths, SweepMonitor monitor) {
    List<Set<Sender>> patches =
        SenderGrid.senders(runs.config()).stream().<Set<Sender>>map(Set::of).toList();
    return LabelledArray.of(
        "path patching " + paths.title(),
        "change of " + runs.metric().name(),
        SenderGrid.axes(runs.config()),
        effects(paths, patches, monitor));
  }

  /** Returns the effect of each patch; patches with a lower first write first. */
  private double[] effects(PathSpec paths, List<Set<Sender>> patches, SweepMonitor monitor) {
    runs.checkOpen();
    paths.checkedFor(runs.config());
    Rows received = receivedRows(paths);
    Rows changed = rowsOf(paths.senderPositions().resolve(runs.tokens())).and(received);
    int[] reaching =
        IntStream.range(0, patches.size())
            .filter(i -> !changed.isEmpty() && reaches(patches.get(i), paths))
            .toArray();
    double[] effects = new double[patches.size()];
    Arrays.stream(reaching).forEach(i -> effects[i] = LabelledArray.ABSENT);
    int done = patches.size() - reaching.length;
    int atOnce = Math.max(1, POSITIONS_AT_ONCE / runs.rows());
    Recording recording = new Recording(runs, paths, received, changed);
    for (int from = 0; from < reaching.length && !monitor.stops(); from += atOnce) {
      int[] chunk = Arrays.copyOfRange(reaching, from, Math.min(reaching.length, from + atOnce));
      double[] metrics =
          metrics(recording, paths, Arrays.stream(chunk).mapToObj(patches::get).toList());
      for (int i = 0; i < chunk.length; i++) {
        effects[chunk[i]] = metrics[i] - originalMetric;
        monitor.onProgress(++done, patches.size());
      }
    }
    return effects;
  }

  private double[] metrics(Recording recording, PathSpec paths, List<Set<Sender>> patches) {
    List<RowEdit> edits = recording.of(patches);
    try {
      return runs.metrics(edits, patches.size(), paths.firstLayer(runs.config()));
    } finally {
      edits.forEach(edit -> edit.values().close());
    }
  }

  /** Of a final residual stream alone, only the rows count that the metric's logits are made of. */
  private Rows receivedRows(PathSpec paths) {
    Rows received = rowsOf(paths.receiverPositions().resolve(runs.tokens()));
    return paths.receivers().equals(List.of(Receiver.finalResidual()))
        ? received.and(rowsOf(runs.metric().reads().positions(runs.tokens())))
        : received;
  }

  private Rows rowsOf(int[][] positions) {
    return Rows.of(positions, runs.tokens());
  }

  private static boolean reaches(Set<Sender> senders, PathSpec paths) {
    return paths.receivers().stream()
        .anyMatch(receiver -> senders.stream().anyMatch(sender -> sender.reaches(receiver)));
  }

  /** Returns what was computed so far. */
  Work work() {
    return runs.work();
  }

  /** Frees what the two runs held. Closing again has no effect. */
  @Override
  public void close() {
    runs.close();
  }
}
