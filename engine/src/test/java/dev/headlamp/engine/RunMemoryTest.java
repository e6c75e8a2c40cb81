package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a run allocates is freed when it ends, and what somebody else may hold is not. */
class RunMemoryTest {

  private static final TokenBatch TOKENS = TokenBatch.of(new int[] {5, 17, 99}, new int[] {1, 2});

  private final ArrayPool pool = new ArrayPool(DataType.FLOAT, 1000);

  @Test
  void whatIsAllocatedGoesBackToThePoolAtTheEnd() {
    INDArray array;
    try (RunMemory memory = new RunMemory(pool)) {
      array = memory.allocate(2, 3);
      assertThat(pool.take(2, 3)).isNotSameAs(array);
    }
    assertThat(pool.take(2, 3)).isSameAs(array);
  }

  @Test
  void whatIsTakenOverIsFreedAtTheEnd() {
    INDArray array = Nd4j.ones(2, 3);
    try (RunMemory memory = new RunMemory(pool)) {
      assertThat(memory.keep(array)).isSameAs(array);
      assertThat(array.wasClosed()).isFalse();
    }
    assertThat(array.wasClosed()).isTrue();
  }

  @Test
  void whatIsReleasedOrLentIsNobodyElses() {
    INDArray released;
    INDArray lent;
    INDArray kept;
    try (RunMemory memory = new RunMemory(pool)) {
      released = memory.release(memory.allocate(2, 3));
      lent = memory.lend(memory.allocate(2, 3));
      kept = memory.release(memory.keep(Nd4j.ones(2, 3)));
    }
    assertThat(pool.take(2, 3)).isNotSameAs(released).isNotSameAs(lent);
    assertThat(List.of(released, lent, kept)).noneMatch(INDArray::wasClosed);
  }

  @Test
  void whatIsReleasedOrLentAgainIsCopied() {
    try (RunMemory memory = new RunMemory(pool)) {
      INDArray first = memory.lend(memory.allocate(2, 2).assign(1));
      memory.release(first).assign(5);
      memory.lend(first).assign(7);
      assertThat(Values.of(first)).containsOnly(1);
    }
  }

  @Test
  void whatMovesToAnotherStretchEndsWithThat() {
    INDArray moved;
    INDArray foreign;
    try (RunMemory longer = new RunMemory(pool)) {
      try (RunMemory shorter = longer.stretch()) {
        moved = shorter.moveTo(longer, shorter.allocate(2, 3));
        foreign = shorter.moveTo(longer, shorter.keep(Nd4j.ones(2, 3)));
      }
      assertThat(foreign.wasClosed()).isFalse();
      assertThat(pool.take(2, 3)).isNotSameAs(moved);
      longer.free(foreign);
      assertThat(foreign.wasClosed()).isTrue();
    }
    assertThat(pool.take(2, 3)).isSameAs(moved);
  }

  @Test
  void whatWasLentNeitherMovesNorIsFreed() {
    INDArray lent;
    try (RunMemory memory = new RunMemory(pool);
        RunMemory other = memory.stretch()) {
      lent = memory.lend(memory.allocate(2, 3));
      assertThat(memory.moveTo(other, lent)).isSameAs(lent);
      other.free(lent);
    }
    assertThat(lent.wasClosed()).isFalse();
    assertThat(pool.take(2, 3)).isNotSameAs(lent);
  }

  @Test
  void runsOfOneShapeUseTheSameMemory() throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("tiny"))) {
      Set<INDArray> first = Collections.newSetFromMap(new IdentityHashMap<>());
      first.addAll(held(model, Activation::cachedByDefault));
      List<INDArray> second = held(model, Activation::cachedByDefault);
      assertThat(second.stream().filter(first::contains)).hasSameSizeAs(second);
    }
  }

  @Test
  void afterARunAndItsModelNothingIsLeft() throws IOException {
    List<INDArray> offered;
    try (Gpt2 model = Gpt2.load(Fixtures.model("tiny"))) {
      offered = held(model, activation -> true);
    }
    assertThat(offered).hasSize(HookPoint.all(Tiny.CONFIG).size()).allMatch(INDArray::wasClosed);
  }

  @Test
  void afterAFailedRunNothingIsLeft() throws IOException {
    HoldingTap tap = new HoldingTap(activation -> true);
    tap.failing = true;
    try (Gpt2 model = Gpt2.load(Fixtures.model("tiny"))) {
      assertThatThrownBy(() -> model.run(RunSpec.of(TOKENS).withTap(tap))).hasMessage("enough");
    }
    assertThat(tap.held).isNotEmpty().allMatch(INDArray::wasClosed);
  }

  private static List<INDArray> held(Gpt2 model, Predicate<Activation> wanted) {
    HoldingTap tap = new HoldingTap(wanted);
    model.run(RunSpec.of(TOKENS).withTap(tap)).close();
    return tap.held;
  }

  /** Holds on to arrays that it has no right to after the call. */
  private static final class HoldingTap implements Tap {
    private final List<INDArray> held = new ArrayList<>();
    private final Predicate<Activation> wanted;
    private boolean failing;

    HoldingTap(Predicate<Activation> wanted) {
      this.wanted = wanted;
    }

    @Override
    public Interest interest(HookPoint point) {
      return wanted.test(point.activation()) ? Interest.READ : Interest.NONE;
    }

    @Override
    public INDArray offer(HookPoint point, INDArray value) {
      held.add(value);
      if (failing && point.activation() == Activation.UNEMBED_OUT) {
        throw new IllegalStateException("enough");
      }
      return value;
    }
  }
}
