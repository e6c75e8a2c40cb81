package dev.headlamp.hooks;

import static dev.headlamp.hooks.References.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.NanException;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What hooks do to a run, and what a run does to them. */
class HookedRunTest {

  private static final TokenBatch TOKENS =
      TokenBatch.of(new int[] {5, 17, 42}, new int[] {9, 9, 1});

  private static HookedGpt2 model;

  private final HookRegistry hooks = model.newHooks();

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static double[] logits(TokenBatch tokens, HookRegistry hooks) {
    try (INDArray logits = model.run(tokens, hooks)) {
      return values(logits);
    }
  }

  private static double[] plainLogits(TokenBatch tokens) {
    try (INDArray logits = model.run(tokens)) {
      return values(logits);
    }
  }

  @Test
  void hooksAreAppliedInTheOrderOfTheirRegistration() {
    List<double[]> seen = new ArrayList<>();
    Hook look =
        (value, context) -> {
          seen.add(values(value));
          return value;
        };
    hooks.add("resid_pre0", look);
    hooks.add("resid_pre0", (value, context) -> value.add(1));
    hooks.add("resid_pre0", Part.everything().at(1), Interventions.scale(4));
    hooks.add("resid_pre0", look);
    hooks.add("resid_pre0", (value, context) -> value.mul(2));
    hooks.add("resid_pre0", look);
    logits(TOKENS, hooks);

    double[] first = seen.get(0);
    int width = model.config().dModel();
    for (int i = 0; i < first.length; i++) {
      boolean scaled = i / width % TOKENS.length() == 1;
      float added = (float) first[i] + 1;
      assertThat(seen.get(1)[i]).isEqualTo(scaled ? added * 4 : added);
      assertThat(seen.get(2)[i]).isEqualTo(seen.get(1)[i] * 2);
    }
  }

  /** Without a hook on the heads' results they are never made, but summed by one product. */
  @Test
  void hooksThatReturnTheirArgumentChangeNoBitOfTheLogits() {
    double[] plain = plainLogits(TOKENS);
    for (Part part : List.of(Part.everything(), Part.everything().at(0, 2))) {
      HookRegistry unchanging = model.newHooks();
      unchanging.add(
          point -> point.activation() != Activation.RESULT, part, (value, context) -> value);
      assertThat(logits(TOKENS, unchanging)).containsExactly(plain);
      unchanging.add(point -> true, part, (value, context) -> value);
      assertThat(logits(TOKENS, unchanging)).containsExactly(plain, within(1e-4));
    }
  }

  @Test
  void anArrayOfAnotherShapeIsRefusedWithThePointAndBothShapes() {
    hooks.add("z1", (value, context) -> Nd4j.zeros(DataType.FLOAT, 2, 3, 4, 7));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.run(TOKENS, hooks))
        .withMessageContaining("blocks.1.attn.hook_z")
        .withMessageContaining("[2, 3, 4, 7]")
        .withMessageContaining("[2, 3, 4, 8]");
  }

  @Test
  void anArrayOfAnotherShapeThanThePartIsRefused() {
    hooks.add("z1", Part.everything().heads(2), (value, context) -> Nd4j.zeros(2, 3, 4, 8));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.run(TOKENS, hooks))
        .withMessageContaining("[2, 3, 4, 8]")
        .withMessageContaining("[2, 3, 1, 8]");
  }

  @Test
  void anArrayOfAnotherTypeIsRefused() {
    hooks.add("z1", (value, context) -> value.castTo(DataType.DOUBLE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.run(TOKENS, hooks))
        .withMessageContaining("DOUBLE [2, 3, 4, 8]")
        .withMessageContaining("FLOAT [2, 3, 4, 8]");
  }

  @Test
  @SuppressWarnings("NullAway")
  void nullIsRefused() {
    hooks.add("z1", (value, context) -> null);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.run(TOKENS, hooks))
        .withMessageContaining("the hook on blocks.1.attn.hook_z returned null");
  }

  @Test
  void aClosedArrayIsRefused() {
    Hook closing =
        (value, context) -> {
          INDArray copy = value.dup();
          copy.close();
          return copy;
        };
    for (Part part : List.of(Part.everything(), Part.everything().heads(1))) {
      try (HookRegistry closed = model.newHooks()) {
        closed.add("z1", part, closing);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> model.runWithCache(TOKENS, CacheSpec.everything(), closed))
            .withMessageContaining("the hook on blocks.1.attn.hook_z returned a closed array");
      }
    }
  }

  @Test
  void aRunThatLooksForNanNamesThePointWhereAHookPutOne() {
    for (Part part : List.of(Part.everything(), Part.everything().heads(1).at(2))) {
      try (HookRegistry broken = model.newHooks()) {
        broken.add("z1", part, (value, context) -> value.dup().putScalar(0, Float.NaN));
        assertThatThrownBy(() -> model.run(RunSpec.of(TOKENS).detectingNan(), broken))
            .isInstanceOf(NanException.class)
            .hasMessageContaining("NaN at blocks.1.attn.hook_z");
      }
    }
  }

  @Test
  void aRunThatThrowsLeavesNothingBehind() {
    double[] plain = plainLogits(TOKENS);
    assertThatThrownBy(
            () -> {
              try (HookRegistry scoped = model.newHooks()) {
                scoped.add("z0", Interventions.zero());
                scoped.add(
                    "z1",
                    (value, context) -> {
                      throw new UnsupportedOperationException("no");
                    });
                model.run(TOKENS, scoped);
              }
            })
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("no");
    assertThat(plainLogits(TOKENS)).containsExactly(plain);
  }

  @Test
  void aRegistryServesAgainAfterARunThatThrew() {
    hooks.add("z0", Interventions.scale(2));
    double[] before = logits(TOKENS, hooks);
    try (var failing =
        hooks.add(
            "z1",
            (value, context) -> {
              throw new UnsupportedOperationException("no");
            })) {
      assertThat(failing).isNotNull();
      assertThatThrownBy(() -> model.run(TOKENS, hooks)).hasMessage("no");
    }
    assertThat(logits(TOKENS, hooks)).containsExactly(before);
  }

  @Test
  void whatAHookKeepsStaysAsItWas() {
    Map<HookPoint, INDArray> kept = new HashMap<>();
    Map<HookPoint, double[]> copies = new HashMap<>();
    hooks.add(
        point -> true,
        (value, context) -> {
          kept.put(context.point(), value);
          copies.put(context.point(), values(value));
          return value;
        });
    hooks.add(
        point -> !point.name().contains("ln"), Part.everything().at(1), Interventions.scale(2));
    model.run(TOKENS, hooks).close();
    assertThat(kept).hasSize(HookPoint.all(model.config()).size());
    kept.forEach(
        (point, value) -> {
          assertThat(value.wasClosed()).as(point.name()).isFalse();
          assertThat(values(value)).as(point.name()).containsExactly(copies.get(point));
        });
  }

  @Test
  void aHookThatWritesInPlaceDoesNotReachWhatAnotherReturned() {
    try (CachedRun source = model.runWithCache(TOKENS, CacheSpec.defaults())) {
      double[] before = values(source.cache().get("z0"));
      hooks.add("z0", Interventions.replaceFrom(source.cache()));
      hooks.add("z0", (value, context) -> value.muli(0));
      logits(TOKENS, hooks);
      assertThat(values(source.cache().get("z0"))).containsExactly(before);
    }
  }

  @Test
  void runsOnSeveralThreadsEachSeeTheirOwnHooks() throws Exception {
    int threads = 4;
    List<double[]> sequential = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      sequential.add(scaledRun(i));
    }
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<double[]>> concurrent = new ArrayList<>();
      for (int i = 0; i < 10 * threads; i++) {
        int factor = i % threads;
        concurrent.add(pool.submit(() -> scaledRun(factor)));
      }
      for (int i = 0; i < concurrent.size(); i++) {
        assertThat(concurrent.get(i).get()).containsExactly(sequential.get(i % threads));
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(sequential.get(0)).isNotEqualTo(sequential.get(1));
  }

  private static double[] scaledRun(double factor) {
    try (HookRegistry own = model.newHooks()) {
      own.add("z0", Part.everything().heads(1), Interventions.scale(factor));
      own.add("resid_mid1", Interventions.scale(factor));
      return logits(TOKENS, own);
    }
  }
}
