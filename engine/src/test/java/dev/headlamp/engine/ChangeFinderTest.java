package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.engine.StartPlace.Stage;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What of a patched residual stream need not be computed, and what must. */
class ChangeFinderTest {

  private static final TokenBatch TOKENS = TokenBatch.of(new int[] {5, 17, 9, 1, 3});

  /** As {@link #TOKENS} up to position 2. */
  private static final TokenBatch OTHERS = TokenBatch.of(new int[] {5, 17, 8, 2, 4});

  private static final HookPoint POINT = HookPoint.of(Activation.RESID_PRE, 1);

  private Gpt2 model;
  private BaseRun base;
  private SourceRun source;

  @BeforeEach
  void run() throws IOException {
    Set<Activation> residual = Set.of(Activation.RESID_PRE);
    model = Gpt2.load(Fixtures.model("tiny"));
    base = new BaseRun(model, TOKENS, LogitSelection.last(), residual);
    source = new SourceRun(model, base, OTHERS, residual);
  }

  @AfterEach
  void close() {
    source.close();
    base.close();
    model.close();
  }

  /** Finds what is different with the source's values at some positions. */
  private ChangedRows changes(LogitSelection reads, float more, int... positions) {
    INDArray value = model.copy(base.value(POINT));
    FloatBuffer to = CpuKernels.buffer(value).slice();
    FloatBuffer from = CpuKernels.buffer(source.value(POINT)).slice();
    int width = model.config().dModel();
    for (int pos : positions) {
      to.put(pos * width, from, pos * width, width);
      to.put(pos * width, to.get(pos * width) + more);
    }
    ChangedRows found =
        new ChangeFinder(model.config(), base, source, reads, new FreeRows()).changes(POINT, to);
    model.recycle(value);
    return found;
  }

  private ChangedRows changes(int... positions) {
    return changes(LogitSelection.last(), 0, positions);
  }

  @Test
  void theFirstDifferentPositionsFollowTheSource() {
    ChangedRows first = changes(2);
    assertThat(first.place()).isEqualTo(new StartPlace(1, Stage.RESID_PRE_OF_SOURCE));
    assertThat(first.rows()).isEmpty();
    assertThat(first.instances()).extracting(Instance::followed).containsExactly(1);
    assertThat(first.instances()).extracting(Instance::first).containsExactly(3);

    ChangedRows both = changes(2, 3);
    assertThat(both.rows()).isEmpty();
    assertThat(both.instances()).extracting(Instance::followed).containsExactly(2);
  }

  @Test
  void whatIsBehindAPositionOfTheBaseRunDoesNot() {
    ChangedRows second = changes(3);
    assertThat(second.place()).isEqualTo(new StartPlace(1, Stage.RESID_PRE_OF_SOURCE));
    assertThat(second.rows()).hasSize(1);
    assertThat(second.instances()).extracting(Instance::followed).containsExactly(0);

    ChangedRows gap = changes(2, 4);
    assertThat(gap.rows()).hasSize(1);
    assertThat(gap.instances()).extracting(Instance::followed).containsExactly(1);
    assertThat(gap.instances()).extracting(Instance::first).containsExactly(3);
  }

  @Test
  void whatIsReadIsComputed() {
    ChangedRows read = changes(LogitSelection.all(), 0, 2, 3);
    assertThat(read.rows()).hasSize(2);
    assertThat(read.instances()).extracting(Instance::followed).containsExactly(0);
  }

  @Test
  void valuesOfNeitherRunAreComputed() {
    ChangedRows other = changes(LogitSelection.last(), 0.5f, 2);
    assertThat(other.place()).isEqualTo(new StartPlace(1, Stage.RESID_PRE));
    assertThat(other.rows()).hasSize(1);
    assertThat(other.instances()).extracting(Instance::followed).containsExactly(0);
  }
}
