package dev.headlamp.hooks.worlds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenBatch.Padding;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.References;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Worlds of one run, against runs of each. */
class WorldsTest {

  private static final double TOLERANCE = 1e-5;
  private static final Part EVERYTHING = Part.everything();
  private static final TokenBatch CLEAN =
      TokenBatch.of(new int[] {5, 9, 60, 2, 33, 7}, new int[] {8, 8, 1, 90, 14, 55});
  private static final TokenBatch CORRUPTED =
      TokenBatch.of(new int[] {5, 70, 60, 2, 12, 7}, new int[] {8, 3, 1, 90, 4, 55});
  private static final TokenBatch SHORT =
      TokenBatch.padded(
          List.of(new int[] {4, 3}, new int[] {9, 8, 7}, new int[] {6}), Padding.LEFT, 0);

  private static HookedGpt2 model;
  private Worlds worlds;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @BeforeEach
  void begin() {
    worlds = Worlds.of(model);
  }

  /** Edits of every kind of point and part; each is a world here and a run there. */
  private static List<Edit> edits() {
    Hook negative = (value, context) -> value.neg();
    Hook blind = (value, context) -> Nd4j.valueArrayOf(value.shape(), Float.NEGATIVE_INFINITY);
    return List.of(
        new Edit("z0", EVERYTHING.heads(1, 3), Interventions.zero()),
        new Edit("resid_pre1", EVERYTHING.at(Positions.last()), Interventions.scale(2)),
        new Edit("embed", EVERYTHING, negative),
        new Edit("pattern1", EVERYTHING.heads(0), negative),
        new Edit("attn_scores0", EVERYTHING.heads(2).at(Positions.last()), blind),
        new Edit("q_input1", EVERYTHING.heads(2), negative),
        new Edit("result0", EVERYTHING.heads(1), negative),
        new Edit("mlp_in1", EVERYTHING.at(1), negative),
        new Edit("post0", EVERYTHING.neurons(3, 4), Interventions.noise(1, 5)),
        new Edit("ln_final.hook_normalized", EVERYTHING, negative),
        new Edit("unembed.hook_out", EVERYTHING, Interventions.scale(-1)));
  }

  private record Edit(String point, Part part, Hook hook) {}

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "gpt-neo", "ioi-demo"})
  void everyWorldHoldsWhatItHoldsInARunByItself(String fixture) throws IOException {
    try (HookedGpt2 gpt2 = HookedGpt2.load(Fixtures.model(fixture))) {
      Worlds several = Worlds.of(gpt2);
      List<TokenBatch> prompts = List.of(CLEAN, SHORT, CORRUPTED);
      several.add("unedited", CLEAN);
      int added = 0;
      for (Edit edit : edits()) {
        several
            .add(edit.point(), prompts.get(added++ % 3))
            .add(edit.point(), edit.part(), edit.hook());
      }
      try (WorldsRun run = several.run(CacheSpec.everything());
          HookRegistry none = gpt2.newHooks()) {
        assertSame(gpt2, CLEAN, none, run, "unedited");
        int compared = 0;
        for (Edit edit : edits()) {
          HookRegistry hooks = gpt2.newHooks();
          hooks.add(edit.point(), edit.part(), edit.hook());
          assertSame(gpt2, prompts.get(compared++ % 3), hooks, run, edit.point());
        }
      }
    }
  }

  private static void assertSame(
      HookedGpt2 gpt2, TokenBatch tokens, HookRegistry hooks, WorldsRun run, String world) {
    try (CachedRun alone = gpt2.runWithCache(tokens, CacheSpec.everything(), hooks)) {
      ActivationCache cache = run.cache(world);
      assertThat(cache.tokens()).isEqualTo(tokens);
      assertThat(cache.points()).containsExactlyElementsOf(alone.cache().points());
      for (HookPoint point : cache.points()) {
        assertClose(world + ": " + point, alone.cache().get(point), cache.get(point));
      }
      assertClose(world, alone.logits(), run.logits(world));
    }
  }

  private static void assertClose(String what, INDArray expected, INDArray actual) {
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    double scale = Math.max(1, largest(expected));
    assertThat(References.largestDifference(References.values(expected), References.values(actual)))
        .as(what)
        .isLessThan(TOLERANCE * scale);
  }

  private static double largest(INDArray array) {
    return Arrays.stream(References.values(array))
        .filter(Double::isFinite)
        .map(Math::abs)
        .max()
        .orElse(0);
  }

  @Test
  void patchingFromAnotherWorldIsActivationPatching() {
    Part part = EVERYTHING.heads(2).at(1, 4);
    worlds.add("clean", CLEAN);
    worlds.add("corrupted", CORRUPTED);
    World patched = worlds.add("patched", CORRUPTED);
    patched.addReading("z0", part, ReadingHook.replaceFrom("clean"));
    try (WorldsRun run = worlds.run();
        CachedRun clean = model.runWithCache(CLEAN, CacheSpec.of(Activation.Z));
        HookRegistry hooks = model.newHooks()) {
      assertClose("clean", clean.logits(), run.logits("clean"));
      assertClose("corrupted", model.run(CORRUPTED), run.logits("corrupted"));
      hooks.add("z0", part, Interventions.replaceFrom(clean.cache()));
      assertClose("patched", model.run(CORRUPTED, hooks), run.logits("patched"));
      assertThat(run.logits("patched")).isNotEqualTo(run.logits("corrupted"));
    }
  }

  @Test
  void whatIsReadIsWhatTheOtherWorldsHooksLeft() {
    worlds.add("clean", CLEAN).add("z1", EVERYTHING, Interventions.scale(3));
    worlds.add("patched", CORRUPTED).addReading("z1", EVERYTHING, ReadingHook.replaceFrom("clean"));
    try (WorldsRun run = worlds.run(CacheSpec.of(Activation.Z));
        CachedRun clean = model.runWithCache(CLEAN, CacheSpec.of(Activation.Z))) {
      assertClose("z1", clean.cache().get("z1").mul(3), run.cache("patched").get("z1"));
    }
  }

  @Test
  void severalWorldsAndEarlierPointsAreReadSideBySide() {
    worlds.add("clean", CLEAN);
    worlds.add("corrupted", CORRUPTED);
    worlds
        .add("moved", CLEAN)
        .addReading(
            "resid_mid1",
            EVERYTHING,
            (value, context, others) ->
                value
                    .add(others.here("clean"))
                    .sub(others.here("corrupted"))
                    .add(others.at("clean", "resid_pre1")));
    CacheSpec keep = CacheSpec.of(Activation.RESID_PRE, Activation.RESID_MID);
    try (WorldsRun run = worlds.run(keep);
        CachedRun clean = model.runWithCache(CLEAN, keep);
        CachedRun corrupted = model.runWithCache(CORRUPTED, keep)) {
      INDArray expected =
          clean
              .cache()
              .get("resid_mid1")
              .mul(2)
              .sub(corrupted.cache().get("resid_mid1"))
              .add(clean.cache().get("resid_pre1"));
      assertClose("moved", expected, run.cache("moved").get("resid_mid1"));
    }
  }

  @Test
  void hooksOfOneWorldAreAppliedInTheOrderOfTheirRegistration() {
    worlds.add("clean", CLEAN);
    World patched = worlds.add("patched", CORRUPTED);
    patched.add("z0", EVERYTHING, Interventions.zero());
    patched.addReading(
        "z0", EVERYTHING, (value, context, others) -> value.add(others.here("clean")));
    var last = patched.add("z0", EVERYTHING, Interventions.scale(2));
    CacheSpec keep = CacheSpec.of(Activation.Z);
    try (WorldsRun twice = worlds.run(keep)) {
      INDArray clean = twice.cache("clean").get("z0");
      assertClose("z0", clean.mul(2), twice.cache("patched").get("z0"));
      last.close();
      try (WorldsRun once = worlds.run(keep)) {
        assertClose("z0", clean, once.cache("patched").get("z0"));
      }
    }
  }

  @Test
  void aWorldsHookSeesItsOwnPromptsOnly() {
    List<String> seen = new ArrayList<>();
    worlds.add("long", CLEAN);
    worlds
        .add("short", SHORT)
        .add(
            point -> point.activation() == Activation.PATTERN,
            EVERYTHING,
            (value, context) -> {
              seen.add(Arrays.toString(value.shape()));
              assertThat(context.tokens()).isEqualTo(SHORT);
              return value;
            });
    worlds.run().close();
    assertThat(seen).containsExactly("[3, 4, 3, 3]", "[3, 4, 3, 3]");
  }

  @Test
  void aRunThatStopsEarlyHasCachesAndNoLogits() {
    worlds.add("clean", CLEAN).add("z0", EVERYTHING, Interventions.zero());
    try (WorldsRun run = worlds.run(CacheSpec.of(Activation.Z).stopAt(1))) {
      assertThat(run.cache("clean").points()).containsExactly(HookPoint.of(Activation.Z, 0));
      assertThatIllegalStateException()
          .isThrownBy(() -> run.logits("clean"))
          .withMessage("this run was stopped before the logits");
    }
  }
}
