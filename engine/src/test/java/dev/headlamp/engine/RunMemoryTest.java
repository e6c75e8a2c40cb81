package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a run allocates is freed when it ends, and what somebody else may hold is not. */
class RunMemoryTest {

  private static final TokenBatch TOKENS = TokenBatch.of(new int[] {5, 17, 99}, new int[] {1, 2});

  /** Memory whose pool holds nothing, so that what is given back is freed at once. */
  private static RunMemory memory(DataType type) {
    return new RunMemory(new ArrayPool(type, 0));
  }

  @Test
  void whatIsAllocatedIsFreedAtTheEnd() {
    INDArray array;
    try (RunMemory memory = memory(DataType.DOUBLE)) {
      array = memory.allocate(2, 3);
      assertThat(array.shape()).isEqualTo(new long[] {2, 3});
      assertThat(array.dataType()).isEqualTo(DataType.DOUBLE);
      assertThat(array.wasClosed()).isFalse();
    }
    assertThat(array.wasClosed()).isTrue();
  }

  @Test
  void whatIsReleasedStays() {
    INDArray array;
    try (RunMemory memory = memory(DataType.FLOAT)) {
      array = memory.release(memory.allocate(2, 3));
    }
    assertThat(array.wasClosed()).isFalse();
    array.close();
  }

  @Test
  void whatIsReleasedAgainIsCopied() {
    try (RunMemory memory = memory(DataType.FLOAT)) {
      INDArray first = memory.release(memory.keep(Nd4j.ones(2, 2)));
      INDArray second = memory.release(first);
      second.assign(5);
      assertThat(Values.of(first)).containsOnly(1);
    }
  }

  @Test
  void whatMovesToAnotherStretchIsFreedWithThat() {
    try (RunMemory longer = memory(DataType.FLOAT)) {
      INDArray moved;
      try (RunMemory shorter = memory(DataType.FLOAT)) {
        moved = shorter.moveTo(longer, shorter.allocate(2));
      }
      assertThat(moved.wasClosed()).isFalse();
      longer.free(moved);
      assertThat(moved.wasClosed()).isTrue();
    }
  }

  @Test
  void whatWasReleasedNeitherMovesNorIsFreed() {
    INDArray released;
    try (RunMemory memory = memory(DataType.FLOAT);
        RunMemory other = memory(DataType.FLOAT)) {
      released = memory.release(memory.allocate(2));
      assertThat(memory.moveTo(other, released)).isSameAs(released);
      memory.free(released);
    }
    assertThat(released.wasClosed()).isFalse();
    released.close();
  }

  @Test
  void whatARunOnlyLentIsFreedWithTheModel() throws IOException {
    HoldingTap tap = new HoldingTap();
    HookPoint logits = HookPoint.of(Activation.UNEMBED_OUT);
    RunResult result;
    try (Gpt2 model = Gpt2.load(Fixtures.model("tiny"))) {
      result = model.run(RunSpec.of(TOKENS).withTap(tap));
      assertThat(tap.held.get(logits)).isSameAs(result.logits());
    }
    tap.held.forEach(
        (point, array) ->
            assertThat(array.wasClosed()).as(point.name()).isEqualTo(!point.equals(logits)));
    result.close();
    assertThat(tap.held.get(logits).wasClosed()).isTrue();
    result.close();
  }

  @Test
  void aFailedRunLeavesNothingBehind() throws IOException {
    HoldingTap tap = new HoldingTap();
    tap.failing = true;
    try (Gpt2 model = Gpt2.load(Fixtures.model("tiny"))) {
      assertThatThrownBy(() -> model.run(RunSpec.of(TOKENS).withTap(tap))).hasMessage("enough");
    }
    assertThat(tap.held.values()).isNotEmpty().allMatch(INDArray::wasClosed);
  }

  /** Holds on to arrays that it has no right to after the call. */
  private static final class HoldingTap implements Tap {
    private final Map<HookPoint, INDArray> held = new LinkedHashMap<>();
    private boolean failing;

    @Override
    public Interest interest(HookPoint point) {
      return Interest.READ;
    }

    @Override
    public INDArray offer(HookPoint point, INDArray value) {
      held.put(point, value);
      if (failing && point.activation() == Activation.UNEMBED_OUT) {
        throw new IllegalStateException("enough");
      }
      return value;
    }
  }
}
