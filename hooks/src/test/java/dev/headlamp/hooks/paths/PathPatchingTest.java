package dev.headlamp.hooks.paths;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenBatch.Padding;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Path patching by rows, against the algorithm as the paper has it. */
class PathPatchingTest {

  private static final double TOLERANCE = 2e-5;
  private static final PathSpec LOGITS = PathSpec.into(Receiver.finalResidual());
  private static final Positions OF_EACH = Positions.perPrompt(new int[][] {{2}, {5}, {3}});

  private static Example tiny;
  private static PathPatching patching;

  @BeforeAll
  static void load() throws IOException {
    tiny = Example.of("tiny");
    patching = tiny.pathPatching();
  }

  @AfterAll
  static void close() {
    patching.close();
    tiny.close();
  }

  /** Every kind of receiver, freezing and positions at least twice; the last layer is {@code l}. */
  private static List<PathSpec> specs(int l) {
    Receiver logits = Receiver.finalResidual();
    List<PathSpec> specs = new ArrayList<>();
    for (Freezing freezing : Freezing.values()) {
      specs.add(LOGITS.freezing(freezing));
      specs.add(
          PathSpec.into(Receiver.query(l, 1), Receiver.query(l, 3), Receiver.value(l - 1, 0))
              .freezing(freezing));
      specs.add(
          PathSpec.into(Receiver.mlpInput(l), Receiver.key(l, 2), Receiver.value(1, 2), logits)
              .freezing(freezing));
    }
    specs.add(LOGITS.at(Positions.last()));
    specs.add(LOGITS.sendersAt(Positions.perPrompt(new int[][] {{2, 6}, {5, 6}, {4, 6}})));
    specs.add(PathSpec.into(Receiver.key(l, 0), Receiver.value(l, 0)).sendersAt(OF_EACH));
    specs.add(PathSpec.into(Receiver.mlpInput(0), Receiver.mlpInput(l)).receiversAt(OF_EACH));
    specs.add(
        PathSpec.into(Receiver.value(l, 1), logits)
            .sendersAt(Positions.of(1, 2, 3))
            .receiversAt(OF_EACH));
    return specs;
  }

  @ParameterizedTest
  @CsvSource({
    "tiny, FLOAT, RIGHT, 1",
    "tiny, DOUBLE, LEFT, 1",
    "gpt-neo, FLOAT, LEFT, 1",
    "odd-shapes-untied, FLOAT, RIGHT, 1",
    "ioi-demo, FLOAT, RIGHT, 5"
  })
  void aSweepGivesWhatTheAlgorithmGivesForEachSender(
      String fixture, DataType type, Padding padding, int step) throws IOException {
    try (Example example = Example.of(fixture, type, padding);
        PathPatching paths = example.pathPatching();
        PlainPathPatching plain = example.plainPathPatching()) {
      List<Sender> senders = SenderGrid.senders(example.model().config());
      for (PathSpec spec : specs(example.model().config().nLayers() - 1)) {
        double[] effects = paths.sweep(spec).values();
        for (int i = 0; i < senders.size(); i += step) {
          double expected = plain.effect(spec, senders.get(i));
          assertThat(effects[i])
              .as("%s from %s", spec, senders.get(i))
              .isEqualTo(expected, within(TOLERANCE));
        }
        assertThat(Arrays.stream(effects).map(Math::abs).max().orElseThrow())
            .as("%s", spec)
            .isGreaterThan(5 * TOLERANCE);
      }
    }
  }

  @Test
  void sendersPatchedTogetherGiveWhatTheAlgorithmGives() {
    Sender[] senders = {
      Sender.embedding(), Sender.head(0, 1), Sender.head(1, 2), Sender.mlp(0), Sender.mlp(1)
    };
    try (PlainPathPatching plain = tiny.plainPathPatching()) {
      for (PathSpec spec : specs(1)) {
        assertThat(patching.effect(spec, senders))
            .as("%s", spec)
            .isEqualTo(plain.effect(spec, senders), within(TOLERANCE));
      }
    }
  }

  @Test
  void allSendersTogetherGiveTheLogitsTheReplacementHas() {
    List<Sender> senders = new ArrayList<>(SenderGrid.senders(tiny.model().config()));
    senders.add(Sender.embedding());
    double replacement = tiny.metric().mean(selected(tiny.replacement()), tiny.replacement());
    for (Freezing freezing : Freezing.values()) {
      assertThat(patching.effect(LOGITS.freezing(freezing), senders.toArray(Sender[]::new)))
          .isEqualTo(replacement - patching.originalMetric(), within(TOLERANCE));
    }
  }

  private static INDArray selected(TokenBatch tokens) {
    return tiny.model().engine().run(RunSpec.of(tokens).withLogits(tiny.metric().reads())).logits();
  }

  @Test
  void replacingPromptsByThemselvesChangesNothing() {
    try (PathPatching same =
        PathPatching.of(tiny.model(), tiny.original(), tiny.original(), tiny.metric())) {
      for (double effect : same.sweep(LOGITS).values()) {
        assertThat(effect).isEqualTo(0, within(TOLERANCE));
      }
    }
  }

  @Test
  void aSenderThatNoReceiverSeesHasNoEffectAndIsNotComputed() {
    Work before = patching.work();
    LabelledArray effects = patching.sweep(PathSpec.into(Receiver.query(0, 1)));
    assertThat(effects.values()).containsOnly(0);
    assertThat(patching.effect(PathSpec.into(Receiver.mlpInput(0)), Sender.mlp(0))).isZero();
    PathSpec elsewhere = LOGITS.sendersAt(Positions.of(1)).receiversAt(Positions.of(2));
    assertThat(patching.effect(elsewhere, Sender.head(0, 1))).isZero();
    assertThat(patching.work()).isEqualTo(before);
  }

  @Test
  void theResultNamesTheSendersAndWhatWasMeasured() {
    LabelledArray effects =
        patching.sweep(PathSpec.into(Receiver.query(1, 2), Receiver.mlpInput(1)));
    assertThat(effects.name()).isEqualTo("path patching into q 1.2, mlp 1");
    assertThat(effects.unit()).isEqualTo("change of logit difference");
    assertThat(effects.axis("layer").labels()).containsExactly("0", "1");
    assertThat(effects.axis("head").labels()).containsExactly("0", "1", "2", "3", "mlp");
  }

  @Test
  void progressIsToldForEverySenderAndEndsComplete() {
    List<Long> done = new ArrayList<>();
    patching.sweep(
        LOGITS,
        (sofar, total) -> {
          assertThat(total).isEqualTo(10);
          done.add(sofar);
        });
    assertThat(done).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
  }

  @Test
  void aCancelledSweepKeepsWhatNeedsNoComputing() {
    SweepMonitor cancelled =
        new SweepMonitor() {
          @Override
          public void onProgress(long done, long total) {}

          @Override
          public boolean isCancelled() {
            return true;
          }
        };
    LabelledArray effects = patching.sweep(PathSpec.into(Receiver.query(1, 0)), cancelled);
    for (int head = 0; head < 5; head++) {
      assertThat(effects.isAbsent(0, head)).isTrue();
      assertThat(effects.value(1, head)).isZero();
    }
  }

  /** 1200 positions: three senders at once. */
  @Test
  void moreSendersThanAreComputedAtOnceGiveWhatEachGivesAlone() {
    try (PathPatching many =
        PathPatching.of(
            tiny.model(),
            tiny.original().prompts(0, 2).repeated(86),
            tiny.replacement().prompts(0, 2).repeated(86),
            Metrics.logitDifference(new int[] {3}, new int[] {7}))) {
      PathSpec into = PathSpec.into(Receiver.mlpInput(1), Receiver.finalResidual());
      double[] effects = many.sweep(into).values();
      List<Sender> senders = SenderGrid.senders(tiny.model().config());
      for (int i = 0; i < effects.length; i++) {
        assertThat(effects[i]).isEqualTo(many.effect(into, senders.get(i)), within(TOLERANCE));
      }
      double[] begun = many.sweep(into, new CancelledAtFirst()).values();
      assertThat(begun).startsWith(effects[0], effects[1], effects[2]);
      assertThat(Arrays.stream(begun).skip(3)).containsOnly(LabelledArray.ABSENT);
    }
  }

  @Test
  void anInterruptEndsASweepAndNotASingleNumber() {
    double expected = patching.effect(LOGITS, Sender.mlp(1));
    Thread.currentThread().interrupt();
    LabelledArray effects = patching.sweep(LOGITS);
    double effect = patching.effect(LOGITS, Sender.mlp(1));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(effects.values()).containsOnly(LabelledArray.ABSENT);
    assertThat(effect).isEqualTo(expected);
  }

  private static final class CancelledAtFirst implements SweepMonitor {
    private boolean begun;

    @Override
    public void onProgress(long done, long total) {
      begun = true;
    }

    @Override
    public boolean isCancelled() {
      return begun;
    }
  }

  @Test
  void whatTheModelOrThePromptsHaveNotIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> patching.sweep(PathSpec.into(Receiver.query(2, 0))))
        .withMessage("layer 2 is out of range: tiny has layers 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> patching.effect(LOGITS, Sender.head(0, 4)))
        .withMessage("head 4 is out of range: tiny has heads 0 to 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> patching.sweep(LOGITS.sendersAt(Positions.of(7))))
        .withMessage("position 7 is out of range: the batch has positions 0 to 6");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> patching.effect(LOGITS))
        .withMessage("at least one sender is needed");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PathSpec.into())
        .withMessageContaining("paths need receivers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Receiver.HeadInput(Activation.Z, 0, 0))
        .withMessageContaining("as q, k or v, not as z");
  }

  @Test
  void promptsOfOtherLengthsAreRefused() {
    TokenBatch shorter = TokenBatch.of(new int[] {1, 2}, new int[] {3, 4}, new int[] {5, 6});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PathPatching.of(tiny.model(), tiny.original(), shorter, tiny.metric()))
        .withMessage(
            "patching goes position by position: prompt 0 has 2 tokens replacement and 7 original");
  }

  @Test
  void aClosedPatchingIsRefused() {
    PathPatching closed = tiny.pathPatching();
    closed.close();
    closed.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> closed.sweep(LOGITS))
        .withMessage("this patching is closed");
  }
}
