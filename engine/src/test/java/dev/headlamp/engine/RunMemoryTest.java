package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a run allocates is freed when it ends, and what somebody else may hold is not. */
class RunMemoryTest {

  private static final TokenBatch TOKENS = TokenBatch.of(new int[] {5, 17, 99}, new int[] {1, 2});

  @Test
  void whatIsAllocatedIsFreedAtTheEnd() {
    INDArray array;
    try (RunMemory memory = new RunMemory(DataType.DOUBLE)) {
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
    try (RunMemory memory = new RunMemory(DataType.FLOAT)) {
      array = memory.release(memory.allocate(2, 3));
    }
    assertThat(array.wasClosed()).isFalse();
    array.close();
  }

  @Test
  void whatIsReleasedAgainIsCopied() {
    try (RunMemory memory = new RunMemory(DataType.FLOAT)) {
      INDArray first = memory.release(memory.keep(Nd4j.ones(2, 2)));
      INDArray second = memory.release(first);
      second.assign(5);
      assertThat(Values.of(first)).containsOnly(1);
    }
  }

  @Test
  void whatMovesToAnotherStretchIsFreedWithThat() {
    try (RunMemory longer = new RunMemory(DataType.FLOAT)) {
      INDArray moved;
      try (RunMemory shorter = new RunMemory(DataType.FLOAT)) {
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
    try (RunMemory memory = new RunMemory(DataType.FLOAT);
        RunMemory other = new RunMemory(DataType.FLOAT)) {
      released = memory.release(memory.allocate(2));
      assertThat(memory.moveTo(other, released)).isSameAs(released);
      memory.free(released);
    }
    assertThat(released.wasClosed()).isFalse();
    released.close();
  }

  @Test
  void afterARunNothingItOnlyLentIsLeft() {
    HoldingTap tap = new HoldingTap();
    RunResult result = Tiny.FLOAT.run(RunSpec.of(TOKENS).withTap(tap));
    HookPoint logits = HookPoint.of(Activation.UNEMBED_OUT);
    assertThat(tap.held.get(logits)).isSameAs(result.logits());
    tap.held.forEach(
        (point, array) ->
            assertThat(array.wasClosed()).as(point.name()).isEqualTo(!point.equals(logits)));
    result.close();
    assertThat(tap.held.get(logits).wasClosed()).isTrue();
    result.close();
  }

  @Test
  void afterAFailedRunNothingIsLeft() {
    HoldingTap tap = new HoldingTap();
    tap.failing = true;
    assertThatThrownBy(() -> Tiny.FLOAT.run(RunSpec.of(TOKENS).withTap(tap))).hasMessage("enough");
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
