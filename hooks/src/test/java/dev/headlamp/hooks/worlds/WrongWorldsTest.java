package dev.headlamp.hooks.worlds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Worlds, hooks and readings that cannot be. */
class WrongWorldsTest {

  private static final Part EVERYTHING = Part.everything();
  private static final TokenBatch CLEAN =
      TokenBatch.of(new int[] {5, 9, 60, 2, 33, 7}, new int[] {8, 8, 1, 90, 14, 55});
  private static final TokenBatch CORRUPTED =
      TokenBatch.of(new int[] {5, 70, 60, 2, 12, 7}, new int[] {8, 3, 1, 90, 4, 55});
  private static final TokenBatch SHORT =
      TokenBatch.of(new int[] {4, 3}, new int[] {9, 8, 7}, new int[] {6});

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

  @Test
  void whatCannotBeReadIsRefused() {
    assertReadingRefused(
        others -> others.here("claen"),
        "there is no world 'claen': this run has [clean, reader, later]");
    assertReadingRefused(
        others -> others.here("later"),
        "a hook of 'reader' on blocks.0.attn.hook_z cannot read 'later', whose hooks come later: "
            + "add that world before");
    assertReadingRefused(
        others -> others.here("reader"),
        "a hook of 'reader' is given what that world holds: it cannot read it from the others");
    assertReadingRefused(
        others -> others.at("clean", "z1"),
        "a hook on blocks.0.attn.hook_z cannot read blocks.1.attn.hook_z of 'clean': the run has "
            + "not passed it yet");
    assertReadingRefused(
        others -> others.at("clean", "q0"),
        "blocks.0.attn.hook_q is not in this cache of 0 points: name it in the CacheSpec of the run");
  }

  private interface Reading {
    INDArray read(OtherWorlds others);
  }

  private static void assertReadingRefused(Reading reading, String message) {
    Worlds three = Worlds.of(model);
    three.add("clean", CLEAN);
    three
        .add("reader", CORRUPTED)
        .addReading("z0", EVERYTHING, (value, context, others) -> reading.read(others));
    three.add("later", CLEAN);
    assertThatIllegalArgumentException().isThrownBy(three::run).withMessage(message);
  }

  @Test
  void aWorldOfOtherSizeCannotStandForAnother() {
    worlds.add("short", SHORT);
    worlds.add("long", CLEAN).addReading("z0", EVERYTHING, ReadingHook.replaceFrom("short"));
    assertThatIllegalArgumentException()
        .isThrownBy(worlds::run)
        .withMessageContaining("for 2 prompts of 6 positions here: an array [3, 3, 4, 8]");
  }

  @Test
  void whatWasReadableIsGoneWhenTheHookHasReturned() {
    List<OtherWorlds> kept = new ArrayList<>();
    worlds.add("clean", CLEAN);
    worlds
        .add("reader", CLEAN)
        .addReading(
            "z0",
            EVERYTHING,
            (value, context, others) -> {
              kept.add(others);
              return value;
            });
    worlds.run().close();
    assertThatIllegalStateException()
        .isThrownBy(() -> kept.get(0).here("clean"))
        .withMessage(
            "what other worlds held at blocks.0.attn.hook_z is gone: the hook has returned");
  }

  @Test
  void wrongWorldsAndPointsAreRefusedAtOnce() {
    assertThatIllegalStateException().isThrownBy(worlds::run).withMessageContaining("no world");
    World clean = worlds.add("clean", CLEAN);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> worlds.add("clean", CORRUPTED))
        .withMessage("there is a world 'clean' already: names must differ");
    assertThatIllegalArgumentException().isThrownBy(() -> worlds.add(" ", CLEAN));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> clean.add("z7", EVERYTHING, Interventions.zero()))
        .withMessageContaining("layers 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> clean.add("mlp_out0", EVERYTHING.heads(0), Interventions.zero()))
        .withMessageContaining("has no head axis");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> clean.add(point -> false, EVERYTHING, Interventions.zero()))
        .withMessageContaining("accepts none of the points");
    try (WorldsRun run = worlds.run()) {
      assertThat(run.names()).containsExactly("clean");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> run.logits("dirty"))
          .withMessage("there is no world 'dirty': this run has [clean]");
      assertThatIllegalArgumentException().isThrownBy(() -> run.cache("dirty"));
    }
  }

  @Test
  void aHookThatFailsFailsTheRunAndTheModelServesAgain() {
    World failing = worlds.add("failing", CLEAN);
    var registration =
        failing.add(
            "z1",
            EVERYTHING,
            (value, context) -> {
              throw new UnsupportedOperationException("no");
            });
    assertThatThrownBy(() -> worlds.run(CacheSpec.everything())).hasMessage("no");
    registration.close();
    failing.add("z1", EVERYTHING, (value, context) -> value.reshape(value.length()));
    assertThatIllegalArgumentException()
        .isThrownBy(worlds::run)
        .withMessageStartingWith("the hook on blocks.1.attn.hook_z returned FLOAT [384]");
    assertThat(model.run(CLEAN)).isEqualTo(model.engine().run(RunSpec.of(CLEAN)).logits());
  }
}
