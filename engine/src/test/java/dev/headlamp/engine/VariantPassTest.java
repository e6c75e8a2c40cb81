package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.engine.StartPlace.Stage;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class VariantPassTest {

  private static final TokenBatch TOKENS = TokenBatch.of(new int[] {5, 17, 9, 1});
  private static final LogitSelection READS = LogitSelection.last().tokens(1, 2);

  @Test
  void needsNoMoreMemoryTheMoreLayersBringVariants() throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("stanford-style"));
        BaseRun base = new BaseRun(model, TOKENS, READS, EnumSet.noneOf(Activation.class));
        SourceRun source = new SourceRun(model, base, TOKENS, Set.of())) {
      int layers = model.config().nLayers();
      assertThat(layers).isGreaterThan(3);
      assertThat(buffers(model, base, source, 0))
          .isEqualTo(buffers(model, base, source, layers - 2));
    }
  }

  /** Returns how many buffers are taken if a variant begins to differ at each layer from one on. */
  private static int buffers(Gpt2 model, BaseRun base, SourceRun source, int from) {
    int to = model.config().nLayers();
    try (ArrayPool pool = new ArrayPool(DataType.FLOAT, 1 << 20);
        VariantQueue queue = new VariantQueue(pool, to, model.config().dModel())) {
      for (int layer = from; layer < to; layer++) {
        ChangedRows rows =
            new ChangedRows(new StartPlace(layer, Stage.RESID_PRE), model.config().dModel());
        rows.add(Instance.of(0, 0, 1));
        rows.addRow(new float[model.config().dModel()]);
        queue.add(rows, logits -> assertThat(logits.size(2)).isEqualTo(2));
      }
      Counted counted = new Counted(pool);
      VariantPass pass =
          new VariantPass(
              model.config(),
              new RowPass(model.config(), model.weights(), model.kernels()),
              new VariantAttention(model.config(), (CpuKernels) model.kernels(), base),
              base,
              source,
              READS,
              counted);
      // The same buffers whatever the number of variants, so that only their number differs.
      pass.run(queue.starts(), queue.consumers(), 64);
      assertThat(counted.taken).isEqualTo(counted.returned);
      return counted.taken;
    }
  }

  /** Counts what is taken from a pool and given back to it. */
  private static final class Counted implements ArraySource {
    private final ArraySource pool;
    private int taken;
    private int returned;

    Counted(ArraySource pool) {
      this.pool = pool;
    }

    @Override
    public DataType type() {
      return pool.type();
    }

    @Override
    public INDArray take(long... shape) {
      taken++;
      return pool.take(shape);
    }

    @Override
    public void giveBack(INDArray array) {
      returned++;
      pool.giveBack(array);
    }
  }
}
