package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The residual stream behind changed heads, against that of the whole of z. */
class ChangedHeadsTest {

  private static final int PROMPTS = 10;
  private static final int LENGTH = 6;

  private Gpt2 model;
  private BaseRun base;
  private ArrayPool pool;
  private RunMemory memory;
  private RowPass pass;
  private ChangedHeads changedHeads;
  private int heads;
  private int dHead;

  @BeforeEach
  void run() throws IOException {
    model = Gpt2.load(Fixtures.model("odd-shapes-untied"));
    int[][] tokens = new int[PROMPTS][];
    for (int prompt = 0; prompt < PROMPTS; prompt++) {
      int first = prompt;
      tokens[prompt] = IntStream.range(0, LENGTH).map(pos -> 1 + first + 2 * pos).toArray();
    }
    base = new BaseRun(model, TokenBatch.of(tokens), LogitSelection.last(), Set.of());
    pool = new ArrayPool(model.dataType(), 1 << 20);
    memory = new RunMemory(pool);
    pass = new RowPass(model.config(), model.weights(), model.kernels());
    changedHeads = new ChangedHeads(model.config(), pass, base);
    heads = model.config().nHeads();
    dHead = model.config().dHead();
  }

  @AfterEach
  void close() {
    memory.close();
    pool.close();
    base.close();
    model.close();
  }

  /** Every position of every prompt. */
  private static List<Instance> everywhere() {
    int[] positions = IntStream.range(0, LENGTH).toArray();
    return IntStream.range(0, PROMPTS)
        .mapToObj(prompt -> Instance.of(prompt, prompt, positions))
        .toList();
  }

  /** Returns z of the base run with some heads of each prompt changed. */
  private INDArray changed(int layer, int headsOfPrompt) {
    INDArray z = base.gathered(memory, Activation.Z, layer, everywhere());
    FloatBuffer floats = CpuKernels.buffer(z);
    for (int row = 0; row < PROMPTS * LENGTH; row++) {
      for (int i = 0; i < headsOfPrompt; i++) {
        int head = (row / LENGTH + i) % heads;
        for (int d = 0; d < dHead; d++) {
          floats.put((row * heads + head) * dHead + d, (float) Math.sin(row + 3 * head + d));
        }
      }
    }
    return z;
  }

  private float[] byHeads(int layer, INDArray z) {
    return CpuKernels.floats(changedHeads.residMid(memory, layer, everywhere(), z));
  }

  private float[] whole(int layer, INDArray z) {
    INDArray residPre = base.gathered(memory, Activation.RESID_PRE, layer, everywhere());
    return CpuKernels.floats(pass.residMid(memory, layer, z, residPre));
  }

  private static void close(float[] actual, float[] expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f));
    }
  }

  @Test
  void isThatOfTheWholeOfZ() {
    for (int layer = 0; layer < model.config().nLayers(); layer++) {
      for (int few = 0; few <= heads; few++) {
        INDArray z = changed(layer, few);
        close(byHeads(layer, z), whole(layer, z));
      }
    }
  }

  /** What the base run holds shows through only where its own heads are not multiplied again. */
  @Test
  void fewChangedHeadsAreMultipliedAlone() {
    INDArray z = changed(0, 1);
    INDArray every = changed(0, heads);
    float[] before = whole(0, z);
    float[] ofEvery = whole(0, every);
    INDArray residMid = base.value(HookPoint.of(Activation.RESID_MID, 0));
    residMid.addi(1);
    float[] after = byHeads(0, z);
    for (int i = 0; i < before.length; i++) {
      assertThat(after[i] - before[i]).isCloseTo(1, within(1e-5f));
    }
    close(byHeads(0, every), ofEvery);
  }

  @Test
  void aBaseRunThatIsNotFiniteThereDoesNotShow() {
    INDArray z = changed(0, 1);
    float[] expected = whole(0, z);
    FloatBuffer ofBase = base.floats(Activation.Z, 0);
    ofBase.put(2, Float.POSITIVE_INFINITY); // Head 0 of prompt 0, which is changed.
    close(byHeads(0, z), expected);
  }

  @Test
  void theLastBlockIsNotKeptBehindItsAttention() {
    int last = model.config().nLayers() - 1;
    assertThat(base.holds(Activation.RESID_MID, last)).isFalse();
    assertThat(base.holds(Activation.RESID_MID, last - 1)).isTrue();
  }
}
