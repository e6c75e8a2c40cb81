package dev.headlamp.hooks.directions;

import static dev.headlamp.hooks.References.largestDifference;
import static dev.headlamp.hooks.References.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Edits of features, by hand and on a model. */
class FeatureHooksTest {

  private static final int WIDTH = 32;
  private static final TokenBatch TOKENS =
      TokenBatch.of(new int[] {5, 17, 42}, new int[] {9, 9, 1});
  private static final TokenBatch OTHERS =
      TokenBatch.of(new int[] {80, 2, 61}, new int[] {7, 7, 30});

  @TempDir static Path folder;

  private static HookedGpt2 model;
  private static SparseAutoencoder byHand;

  /** Two features for each entry, one for what is above 0 and one for what is below. */
  private static SparseAutoencoder identity;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"));
    byHand = SparseAutoencoder.read(Example.autoencoder(folder), AutoencoderTensors.standard());
    INDArray one = Nd4j.eye(WIDTH).castTo(DataType.FLOAT);
    identity =
        SparseAutoencoder.read(
            Example.write(
                folder.resolve("identity.safetensors"),
                Map.of(
                    "W_enc",
                    Nd4j.concat(1, one, one.neg()),
                    "b_enc",
                    Nd4j.zeros(DataType.FLOAT, 2 * WIDTH),
                    "W_dec",
                    Nd4j.concat(0, one, one.neg()),
                    "b_dec",
                    Nd4j.zeros(DataType.FLOAT, WIDTH))),
            AutoencoderTensors.standard());
  }

  @AfterAll
  static void close() {
    identity.close();
    byHand.close();
    model.close();
  }

  @Test
  void anEditIsTheChangeTimesWhatTheFeatureWrites() {
    // x = (2, 3); the features are 2, 2 and 5, and write (1, 0), (0, 2) and (0.5, 0.5).
    assertThat(Example.edited(FeatureHooks.ablate(byHand, 1))).containsExactly(2, 3 - 2 * 2);
    assertThat(Example.edited(FeatureHooks.set(byHand, 1, 3))).containsExactly(2, 3 + 2);
    assertThat(Example.edited(FeatureHooks.ablate(byHand, 0, 2)))
        .containsExactly(2 - 2 - 2.5, 3 - 2.5);
    assertThat(Example.edited(FeatureHooks.splice(byHand))).containsExactly(5.5, 5.5);
  }

  @Test
  void anInactiveFeatureThatIsAblatedChangesNothing() throws IOException {
    Path high = Example.autoencoder(folder, Map.of("b_enc", Nd4j.createFromArray(0f, -100f, 0f)));
    try (SparseAutoencoder autoencoder =
        SparseAutoencoder.read(high, AutoencoderTensors.standard())) {
      assertThat(Example.edited(FeatureHooks.ablate(autoencoder, 1))).containsExactly(2, 3);
    }
  }

  @Test
  void theIdentityReadsTheTwoSidesOfEachEntry() {
    try (CachedRun run = model.runWithCache(TOKENS, CacheSpec.defaults())) {
      double[] held = values(run.cache().get("resid_post0"));
      INDArray features = identity.encode(run.cache(), "resid_post0");

      assertThat(features.shape()).containsExactly(2, 3, 2 * WIDTH);
      for (int i = 0; i < held.length; i++) {
        double above = features.getDouble(i / WIDTH / 3, i / WIDTH % 3, i % WIDTH);
        double below = features.getDouble(i / WIDTH / 3, i / WIDTH % 3, WIDTH + i % WIDTH);
        assertThat(above).isEqualTo(Math.max(held[i], 0));
        assertThat(below).isEqualTo(Math.max(-held[i], 0));
      }
    }
  }

  @Test
  void anAutoencoderThatLosesNothingCanBeSplicedIn() {
    assertThat(
            largestDifference(
                logits("resid_mid0", FeatureHooks.splice(identity)), values(model.run(TOKENS))))
        .isLessThan(1e-6);
  }

  @Test
  void swappingEveryFeatureOfTheIdentityIsPatchingTheActivation() {
    try (CachedRun others = model.runWithCache(OTHERS, CacheSpec.defaults())) {
      int[] all = IntStream.range(0, 2 * WIDTH).toArray();
      double[] swapped =
          logits("resid_post0", FeatureHooks.swapFrom(identity, others.cache(), all));
      double[] patched = logits("resid_post0", Interventions.replaceFrom(others.cache()));

      assertThat(largestDifference(swapped, patched)).isLessThan(1e-5);
      assertThat(largestDifference(swapped, values(model.run(TOKENS)))).isGreaterThan(1e-3);
    }
  }

  @Test
  void aFeatureThatIsSetIsReadAgain() {
    try (HookRegistry hooks = model.newHooks()) {
      hooks.add("mlp_out1", FeatureHooks.set(identity, 7, 2.5));
      try (CachedRun run = model.runWithCache(TOKENS, CacheSpec.defaults(), hooks);
          CachedRun before = model.runWithCache(TOKENS, CacheSpec.defaults())) {
        INDArray after = run.cache().get("mlp_out1");
        for (int pos = 0; pos < TOKENS.length(); pos++) {
          // What is below 0 is another feature's, and stays.
          double rest = Math.min(before.cache().get("mlp_out1").getDouble(0, pos, 7), 0);
          assertThat(after.getDouble(0, pos, 7) - rest).isCloseTo(2.5, within(1e-6));
        }
      }
    }
  }

  @Test
  void pointsOfOtherVectorsAreRefusedByName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> logits("z0", FeatureHooks.ablate(identity, 1)))
        .withMessageContainingAll(
            "identity.safetensors, tensor W_enc reads vectors of 32 entries",
            "blocks.0.attn.hook_z",
            "8 entries");
  }

  @Test
  void anActivationThatIsNoNumberIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureHooks.set(identity, 7, Double.NaN))
        .withMessage("feature 7 cannot be set to NaN");
  }

  private static double[] logits(String point, Hook hook) {
    try (HookRegistry hooks = model.newHooks()) {
      hooks.add(point, hook);
      return values(model.run(TOKENS, hooks));
    }
  }
}
