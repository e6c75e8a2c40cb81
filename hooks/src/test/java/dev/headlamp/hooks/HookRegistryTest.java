package dev.headlamp.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookRegistry.Registration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be registered, and for how long it stays. The model has 2 layers of 4 heads. */
class HookRegistryTest {

  private static final TokenBatch TOKENS = TokenBatch.of(new int[] {5, 17, 42});
  private static final Hook NOTHING = (value, context) -> value;

  private static HookedGpt2 model;

  private final HookRegistry hooks = model.newHooks();
  private final List<String> called = new ArrayList<>();

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private Hook recording(String name) {
    return (value, context) -> {
      called.add(name + " " + context.point());
      return value;
    };
  }

  @ParameterizedTest
  @CsvSource({
    "blocks.1.attn.hook_z, blocks.1.attn.hook_z",
    "z1, blocks.1.attn.hook_z",
    "z-1, blocks.1.attn.hook_z",
    "attn0, blocks.0.attn.hook_pattern",
    "normalized1ln2, blocks.1.ln2.hook_normalized",
    "result0, blocks.0.attn.hook_result",
    "mlp_in1, blocks.1.hook_mlp_in",
    "unembed.hook_out, unembed.hook_out"
  })
  void aHookIsCalledOnceAtThePointItsNameMeans(String name, String point) {
    hooks.add(name, recording("hook"));
    model.run(TOKENS, hooks).close();
    assertThat(called).containsExactly("hook " + point);
  }

  @Test
  void aHookOnAPredicateIsCalledAtEveryPointInTheOrderOfTheRun() {
    List<HookPoint> reached = new ArrayList<>();
    hooks.add(
        point -> true,
        (value, context) -> {
          reached.add(context.point());
          return value;
        });
    model.run(TOKENS, hooks).close();
    assertThat(reached).containsExactlyElementsOf(HookPoint.all(model.config()));
  }

  @Test
  void anUnknownPointIsRefusedWithTheNearestNames() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> hooks.add("blocks.0.attn.hook_zz", NOTHING))
        .withMessageContaining("no point 'blocks.0.attn.hook_zz' in tiny")
        .withMessageContaining("blocks.0.attn.hook_z");
    assertThat(hooks.size()).isZero();
  }

  @Test
  void aLayerTheModelHasNotIsRefused() {
    String rule = "layer 2 is out of range: tiny has layers 0 to 1";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> hooks.add("z2", NOTHING))
        .withMessageContaining(rule);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> hooks.add(HookPoint.of(Activation.Z, 2), NOTHING))
        .withMessageContaining(rule);
  }

  @Test
  void aPredicateThatAcceptsNoPointIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> hooks.add(point -> false, NOTHING))
        .withMessageContaining("none of the points of tiny");
  }

  @Test
  void aPartThatThePointHasNotIsRefused() {
    Part everything = Part.everything();
    assertRefused("resid_pre0", everything.heads(0), "blocks.0.hook_resid_pre has no head axis");
    assertRefused("z0", everything.sources(0), "has no source axis");
    assertRefused("pattern0", everything.neurons(0), "has no neuron axis");
    assertRefused("z0", everything.heads(4), "head 4 is out of range: tiny has heads 0 to 3");
    assertRefused("z0", everything.heads(-1), "head -1 is out of range");
    assertRefused("post0", everything.neurons(128), "neuron 128 is out of range");
    assertRefused("z0", everything.neurons(8), "entries 0 to 7");
  }

  private void assertRefused(String point, Part part, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> hooks.add(point, part, NOTHING))
        .withMessageContaining(message);
    assertThat(hooks.size()).isZero();
  }

  @Test
  void aPartThatOneAcceptedPointHasNotIsRefusedForAll() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> hooks.add(point -> true, Part.everything().heads(0), NOTHING))
        .withMessageContaining("hook_embed has no head axis");
    assertThat(hooks.size()).isZero();
  }

  @Test
  void aPartOfNoHeadsIsNoPart() {
    assertThatIllegalArgumentException().isThrownBy(() -> Part.everything().heads(new int[0]));
    assertThatIllegalArgumentException().isThrownBy(() -> Part.everything().neurons(new int[0]));
    assertThatIllegalArgumentException().isThrownBy(() -> Part.everything().sources(new int[0]));
    assertThatIllegalArgumentException().isThrownBy(() -> Part.everything().at());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void closingARegistrationRemovesThatOneOnly(int times) {
    Hook hook = recording("hook");
    Registration first = hooks.add("z0", hook);
    hooks.add("z0", hook);
    for (int i = 0; i < times; i++) {
      first.close();
    }
    model.run(TOKENS, hooks).close();
    assertThat(called).hasSize(1);
    assertThat(hooks.size()).isEqualTo(1);
  }

  @Test
  void theSameHookRegisteredTwiceIsCalledTwice() {
    Hook hook = recording("hook");
    hooks.add("z0", hook);
    hooks.add("z0", hook);
    model.run(TOKENS, hooks).close();
    assertThat(called).hasSize(2);
  }

  @Test
  void closingTheRegistryRemovesEveryHook() {
    hooks.add("z0", recording("first"));
    hooks.add("q1", recording("second"));
    hooks.close();
    hooks.close();
    model.run(TOKENS, hooks).close();
    assertThat(called).isEmpty();
    assertThat(hooks.size()).isZero();
  }

  @Test
  void hooksOfAnotherModelAreRefused() throws IOException {
    try (HookedGpt2 other = HookedGpt2.load(Fixtures.model("half"))) {
      HookRegistry foreign = other.newHooks();
      foreign.add("z0", NOTHING);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.run(TOKENS, foreign))
          .withMessage("these hooks were registered for half, not for tiny");
    }
  }

  @Test
  void whatIsRegisteredDuringARunTakesEffectInTheNext() {
    hooks.add(
        "z0",
        (value, context) -> {
          hooks.add("z1", recording("late"));
          return value;
        });
    model.run(TOKENS, hooks).close();
    assertThat(called).isEmpty();
    model.run(TOKENS, hooks).close();
    assertThat(called).containsExactly("late blocks.1.attn.hook_z");
  }
}
