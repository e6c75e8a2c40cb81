package dev.headlamp.hooks.lens;

import static dev.headlamp.hooks.References.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;

/** What does not fit is refused, with the value, the rule and the place. */
class WrongInputTest {

  private static LensFixture tiny;

  @BeforeAll
  static void runTheModel() throws IOException {
    tiny = LensFixture.of("tiny", WeightProcessing.none());
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  @Test
  void aCacheOfOtherWeightsIsRefused() throws IOException {
    try (HookedGpt2 folded = tiny.model().processed(WeightProcessing.transformerLens());
        LensFixture other = LensFixture.of("odd-shapes-untied", WeightProcessing.none())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ResidualStream.of(folded, tiny.run().cache()))
          .withMessage(
              "this cache is of a run of tiny (weight processing: none), not of tiny (weight"
                  + " processing: fold_ln, center_writing_weights, center_unembed,"
                  + " fold_value_biases)");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ResidualStream.of(other.model(), tiny.run().cache()))
          .withMessageContaining("not of odd-shapes-untied");
    }
  }

  @Test
  void aPointThatWasNotKeptIsNamed() {
    try (CachedRun run =
        tiny.model().runWithCache(LensFixture.TOKENS, CacheSpec.of(Activation.RESID_PRE))) {
      ResidualStream stream = ResidualStream.of(tiny.model(), run.cache());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream.accumulated().stack())
          .withMessageContaining("blocks.1.hook_resid_post is not in this cache of 2 points");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream.heads().stack())
          .withMessageContaining("blocks.0.attn.hook_z");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream.components().attribution(LogitTarget.logit(1)))
          .withMessageContaining("ln_final.hook_scale");
      try (ResidualStack states =
          stream.readBy(ResidualReader.attention(1)).accumulated().stack()) {
        assertThat(states.labels()).containsExactly("0_pre", "1_pre");
      }
    }
  }

  @Test
  void positionsThatWereNotKeptAreRefusedAndThoseThatWereAreFound() {
    LogitTarget target = LogitTarget.logit(3);
    LabelledArray whole = tiny.stream().heads().attribution(target).perPrompt();
    CacheSpec two = CacheSpec.defaults().at(Positions.of(2, 1));
    try (CachedRun run = tiny.model().runWithCache(LensFixture.TOKENS, two)) {
      ResidualStream stream = ResidualStream.of(tiny.model(), run.cache());
      LabelledArray all = stream.heads().attribution(target).perPrompt();
      LabelledArray one = stream.at(Positions.of(1)).heads().attribution(target).perPrompt();
      assertThat(all.axis("position").labels()).containsExactly("2", "1");
      assertThat(all.value(5, 1, 0)).isEqualTo(whole.value(5, 1, 2));
      assertThat(one.value(5, 1, 0)).isEqualTo(whole.value(5, 1, 1));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream.at(Positions.last()))
          .withMessage("position 3 is not in this cache: the run kept [2, 1]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream.at(Positions.of(4)))
          .withMessageContaining("the batch has positions 0 to 3");
    }
  }

  @Test
  void layersThatAreNotThereOrComeLaterAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tiny.stream().readBy(ResidualReader.mlp(2)))
        .withMessage("layer 2 is out of range: tiny has layers 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tiny.stream().heads(2))
        .withMessage("layer 2 is out of range: tiny has layers 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tiny.stream().readBy(ResidualReader.mlp(1)).neurons(1))
        .withMessage("layer 1 writes after the MLP of layer 1 has read: choose layers below 1");
    assertThatIllegalArgumentException().isThrownBy(() -> ResidualReader.attention(-1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ResidualReader(ResidualReader.Kind.UNEMBEDDING, 0));
    assertThat(ResidualReader.unembedding().layer()).isEqualTo(HookPoint.NO_LAYER);
  }

  @Test
  void nothingWritesBeforeTheFirstAttentionButTheEmbeddings() {
    ResidualStream first = tiny.stream().readBy(ResidualReader.attention(0));
    assertThat(first.components().labels()).containsExactly("embed", "pos_embed");
    assertThat(first.heads().labels()).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> first.heads().stack())
        .withMessage("nothing of what is asked for writes before the attention of layer 0 reads");
    try (ResidualStack rest = first.heads().withRemainder().stack()) {
      assertThat(values(rest.get("remainder")))
          .containsExactly(values(tiny.run().cache().get("resid_pre0")));
    }
  }

  @Test
  void logitsAreAttributedToNothingButWhatTheUnembeddingReads() {
    ResidualStream early = tiny.stream().readBy(ResidualReader.attention(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> early.components().attribution(LogitTarget.logit(1)))
        .withMessage(
            "logits are attributed to what the unembedding reads, and this is what the attention of"
                + " layer 1 reads");
  }

  @Test
  void answersOfAnotherNumberOrOutsideTheVocabularyAreRefused() {
    ResidualDecomposition parts = tiny.stream().components();
    LogitLens lens = LogitLens.of(tiny.stream().accumulated());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parts.attribution(LogitTarget.logit(1, 2, 3)))
        .withMessage("answers are given for 3 prompts, the batch has 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parts.attribution(LogitTarget.logit(101)))
        .withMessage("token id 101 is out of range: tiny has ids 0 to 100");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lens.logProbabilities(-1))
        .withMessageContaining("token id -1");
    assertThatIllegalArgumentException().isThrownBy(() -> lens.ranks(1, 2, 3));
    assertThatIllegalArgumentException().isThrownBy(() -> lens.ranks());
    assertThatIllegalArgumentException().isThrownBy(() -> lens.top(0));
    assertThatIllegalArgumentException().isThrownBy(LogitTarget::logit);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LogitTarget.difference(new int[] {1, 2}, new int[] {3}))
        .withMessageContaining("not 1 and 2");
  }

  @Test
  void whatIsClosedSaysSo() throws IOException {
    LensFixture closed = LensFixture.of("tiny", WeightProcessing.none());
    ResidualStream stream = closed.stream();
    ResidualStack stack = stream.components().stack();
    stack.close();
    stack.close();
    assertThatIllegalStateException().isThrownBy(stack::values).withMessageContaining("closed");
    assertThatIllegalStateException().isThrownBy(() -> stack.labelled("parts"));
    assertThatIllegalStateException().isThrownBy(() -> stack.get("embed"));
    closed.run().close();
    assertThatIllegalStateException()
        .isThrownBy(() -> stream.components().stack())
        .withMessageContaining("this cache is closed");
    closed.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> stream.heads().stack())
        .withMessage("tiny is closed");
  }

  @Test
  @SuppressWarnings("try") // The scope is used by being open.
  void resultsOutliveAWorkspaceOfTheCaller() {
    double[] expected;
    try (ResidualStack stack = tiny.stream().full().layerNormed()) {
      expected = values(stack.values());
    }
    ResidualStack inside;
    try (MemoryWorkspace scope = Nd4j.getWorkspaceManager().getAndActivateWorkspace("lens")) {
      inside = tiny.stream().full().layerNormed();
      assertThat(tiny.stream().full().attribution(LogitTarget.logit(1)).total().size())
          .isEqualTo(8);
      assertThat(LogitLens.of(tiny.stream().accumulated()).ranks(1).size()).isEqualTo(24);
    }
    assertThat(values(inside.values())).containsExactly(expected);
    inside.close();
  }

  @Test
  void aStackIsWrittenOutWithItsLabels() {
    try (ResidualStack stack = tiny.stream().at(Positions.of(1)).components().stack()) {
      LabelledArray labelled = stack.labelled("components");
      assertThat(labelled.toString())
          .isEqualTo("components[component=6, prompt=2, position=1, d_model=32]");
      assertThat(labelled.slice("component", "embed").value(1, 0, 7))
          .isEqualTo(tiny.run().cache().get("hook_embed").getDouble(1, 1, 7));
      assertThatIllegalArgumentException().isThrownBy(() -> stack.get("2_mlp_out"));
    }
  }
}
