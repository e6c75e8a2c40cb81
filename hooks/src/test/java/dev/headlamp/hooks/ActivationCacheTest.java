package dev.headlamp.hooks;

import static dev.headlamp.hooks.References.largestDifference;
import static dev.headlamp.hooks.References.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Dim;
import dev.headlamp.engine.Gpt2Weights;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LayerNormWeights;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.Tap;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.indexing.SpecifiedIndex;

class ActivationCacheTest {

  private static final TokenBatch TOKENS =
      TokenBatch.of(new int[] {5, 17, 42, 8}, new int[] {9, 9, 1});

  private static HookedGpt2 model;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "ioi-demo"})
  void everyPointHoldsWhatTransformerLensHolds(String fixture) throws IOException {
    try (SafetensorsFile reference =
            SafetensorsFile.open(Fixtures.file(fixture, "activations.safetensors"));
        HookedGpt2 own = HookedGpt2.load(Fixtures.model(fixture));
        CachedRun run =
            own.runWithCache(References.tokens(reference, "tokens"), CacheSpec.everything())) {
      List<String> names =
          reference.names().stream().filter(name -> !name.equals("tokens")).toList();
      double worst = 0;
      for (String name : names) {
        INDArray value = run.cache().get(name);
        assertThat(value.shape())
            .as(name)
            .containsExactly(reference.info(name).shape().stream().mapToLong(i -> i).toArray());
        double difference = largestDifference(expected(reference, name, own), values(value));
        assertThat(difference).as(name).isLessThanOrEqualTo(1e-4);
        worst = Math.max(worst, difference);
      }
      System.out.printf(
          "%s: %d activations compared, largest difference %.2e%n", fixture, names.size(), worst);
      assertThat(
              largestDifference(values(run.logits()), values(run.cache().get("unembed.hook_out"))))
          .isZero();
    }
  }

  /**
   * TransformerLens 3, which the reference is from, has {@code hook_normalized} before gain and
   * bias; version 2, which notebooks are written for, and this engine have it after.
   */
  private static double[] expected(SafetensorsFile reference, String name, HookedGpt2 own)
      throws IOException {
    HookPoint point = HookPoint.parse(name, own.config());
    Gpt2Weights weights = own.engine().weights();
    INDArray value = reference.read(name);
    return switch (point.activation()) {
      case LN1_NORMALIZED -> scaled(value, weights.blocks().get(point.layer()).ln1());
      case LN2_NORMALIZED -> scaled(value, weights.blocks().get(point.layer()).ln2());
      case LN_FINAL_NORMALIZED -> scaled(value, weights.lnFinal());
      default -> values(value);
    };
  }

  private static double[] scaled(INDArray normalized, LayerNormWeights norm) {
    return values(normalized.mul(norm.gain()).addi(norm.bias()));
  }

  @Test
  void shortFormsAndAliasesFindTheSameArray() {
    try (CachedRun run = model.runWithCache(TOKENS, CacheSpec.defaults())) {
      ActivationCache cache = run.cache();
      INDArray pattern = cache.get("blocks.1.attn.hook_pattern");
      assertThat(cache.get("pattern1")).isSameAs(pattern);
      assertThat(cache.get("attn-1")).isSameAs(pattern);
      assertThat(cache.get(HookPoint.of(Activation.PATTERN, 1))).isSameAs(pattern);
      assertThat(cache.get("normalized0ln2")).isSameAs(cache.get("blocks.0.ln2.hook_normalized"));
    }
  }

  @Test
  void aPointThatWasNotKeptOrDoesNotExistIsRefused() {
    try (CachedRun run = model.runWithCache(TOKENS, CacheSpec.of(Activation.Z))) {
      assertThat(run.cache().has(HookPoint.of(Activation.Q, 0))).isFalse();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> run.cache().get("q0"))
          .withMessageContaining("blocks.0.attn.hook_q is not in this cache of 2 points");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> run.cache().get("blocks.0.attn.hook_zz"))
          .withMessageContaining("blocks.0.attn.hook_z");
    }
  }

  @Test
  void aHookThatWritesInPlaceLaterDoesNotReachTheCache() {
    try (CachedRun plain = model.runWithCache(TOKENS, CacheSpec.defaults());
        HookRegistry hooks = model.newHooks()) {
      // One array is both the residual stream leaving block 0 and the one entering block 1.
      hooks.add("resid_pre1", (value, context) -> value.assign(0));
      try (CachedRun edited = model.runWithCache(TOKENS, CacheSpec.defaults(), hooks)) {
        assertThat(values(edited.cache().get("resid_post0")))
            .containsExactly(values(plain.cache().get("resid_post0")));
        assertThat(values(edited.cache().get("resid_pre1"))).containsOnly(0);
      }
    }
  }

  @Test
  void theCacheHoldsWhatHooksPutInPlace() {
    try (HookRegistry hooks = model.newHooks()) {
      hooks.add("z0", Interventions.zero());
      try (CachedRun run = model.runWithCache(TOKENS, CacheSpec.defaults(), hooks)) {
        assertThat(values(run.cache().get("z0"))).containsOnly(0);
      }
    }
  }

  @Test
  void someOrEachPromptsOwnPositionsAreSlicesOfTheWhole() {
    int[][] own = {{3, 1}, {2, 0}};
    CacheSpec spec = CacheSpec.everything().at(Positions.perPrompt(own));
    try (CachedRun whole = model.runWithCache(TOKENS, CacheSpec.everything());
        CachedRun some = model.runWithCache(TOKENS, spec)) {
      assertThat(some.cache().points()).isEqualTo(whole.cache().points());
      for (HookPoint point : whole.cache().points()) {
        for (int prompt = 0; prompt < 2; prompt++) {
          INDArray expected = positions(whole.cache().get(point).slice(prompt), point, own[prompt]);
          INDArray actual = some.cache().get(point).slice(prompt);
          assertThat(values(actual)).as(point.name()).containsExactly(values(expected));
        }
      }
      assertThat(some.cache().bytes())
          .isEqualTo(spec.bytes(model.config(), TOKENS, model.dataType()));
    }
  }

  private static INDArray positions(INDArray ofPrompt, HookPoint point, int[] positions) {
    long[] wanted = {positions[0], positions[1]};
    return point.activation().has(Dim.DEST)
        ? ofPrompt.get(NDArrayIndex.all(), new SpecifiedIndex(wanted), NDArrayIndex.all()).dup('c')
        : ofPrompt.get(new SpecifiedIndex(wanted)).dup('c');
  }

  @Test
  void theLastTokenIsEachPromptsOwn() {
    try (CachedRun whole = model.runWithCache(TOKENS, CacheSpec.of(Activation.RESID_POST));
        CachedRun last =
            model.runWithCache(TOKENS, CacheSpec.of(Activation.RESID_POST).at(Positions.last()))) {
      INDArray all = whole.cache().get("resid_post1");
      INDArray lasts = last.cache().get("resid_post1");
      assertThat(lasts.shape()).containsExactly(2, 1, 32);
      assertThat(values(lasts.slice(0).slice(0))).containsExactly(values(all.slice(0).slice(3)));
      assertThat(values(lasts.slice(1).slice(0))).containsExactly(values(all.slice(1).slice(2)));
    }
  }

  @Test
  void aRunThatStopsAtALayerKeepsWhatLiesBefore() {
    CacheSpec spec = CacheSpec.everything().stopAt(1);
    try (CachedRun whole = model.runWithCache(TOKENS, CacheSpec.everything());
        CachedRun stopped = model.runWithCache(TOKENS, spec)) {
      assertThat(stopped.cache().points())
          .containsExactlyElementsOf(
              HookPoint.all(model.config()).stream()
                  .filter(point -> point.compareTo(HookPoint.of(Activation.RESID_PRE, 1)) < 0)
                  .toList());
      for (HookPoint point : stopped.cache().points()) {
        assertThat(values(stopped.cache().get(point)))
            .as(point.name())
            .containsExactly(values(whole.cache().get(point)));
      }
      assertThat(values(stopped.result().residual()))
          .containsExactly(values(whole.cache().get("resid_pre1")));
      assertThatIllegalStateException().isThrownBy(stopped::logits);
      assertThat(stopped.cache().bytes())
          .isEqualTo(spec.bytes(model.config(), TOKENS, model.dataType()));
    }
  }

  @Test
  void aClosedCacheHoldsNothingAndClosesAgain() {
    CachedRun run = model.runWithCache(TOKENS, CacheSpec.defaults());
    INDArray z = run.cache().get("z0");
    run.close();
    run.close();
    run.cache().close();
    try (CachedRun later = model.runWithCache(TOKENS, CacheSpec.defaults())) {
      assertThat(later.cache().points()).anyMatch(point -> later.cache().get(point) == z);
    }
    assertThat(run.cache().points()).isEmpty();
    assertThat(run.cache().bytes()).isZero();
    assertThatIllegalStateException()
        .isThrownBy(() -> run.cache().get("z0"))
        .withMessageContaining("this cache is closed")
        .withMessageContaining("blocks.0.attn.hook_z");
  }

  @Test
  void whatWasKeptOfARunThatFailedIsFreed() {
    Set<HookPoint> points = CacheSpec.defaults().resolve(model.config());
    CacheTap tap = new CacheTap(model.engine(), TOKENS, CacheSpec.defaults(), Tap.NONE);
    model.engine().run(RunSpec.of(TOKENS).withTap(tap)).close();
    List<INDArray> kept = tap.cache().points().stream().map(tap.cache()::get).toList();
    assertThat(kept).hasSameSizeAs(points);
    tap.discard();
    try (CachedRun later = model.runWithCache(TOKENS, CacheSpec.defaults())) {
      assertThat(points.stream().map(later.cache()::get)).anyMatch(kept::contains);
    }
    assertThat(tap.cache().points()).isEmpty();
  }

  @Test
  void afterARunThatFailedTheSameRegistryAndModelServeAgain() {
    try (HookRegistry hooks = model.newHooks();
        CachedRun plain = model.runWithCache(TOKENS, CacheSpec.defaults())) {
      try (var failing =
          hooks.add(
              "z1",
              (value, context) -> {
                throw new UnsupportedOperationException("no");
              })) {
        assertThat(failing).isNotNull();
        assertThatThrownBy(() -> model.runWithCache(TOKENS, CacheSpec.defaults(), hooks))
            .hasMessage("no");
      }
      try (CachedRun again = model.runWithCache(TOKENS, CacheSpec.defaults(), hooks)) {
        assertThat(values(again.logits())).containsExactly(values(plain.logits()));
      }
    }
  }
}
