package dev.headlamp.hooks.paths;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Edges, one at a time and together. */
class EdgePatchingTest {

  private static final double TOLERANCE = 2e-5;

  private static Example tiny;
  private static EdgePatching edges;

  @BeforeAll
  static void load() throws IOException {
    tiny = Example.of("tiny");
    edges = tiny.edgePatching();
  }

  @AfterAll
  static void close() {
    edges.close();
    tiny.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "gpt-neo"})
  void aSweepGivesWhatEachEdgeGivesAlone(String fixture) throws IOException {
    try (Example example = Example.of(fixture);
        EdgePatching patching = example.edgePatching()) {
      int last = example.model().config().nLayers() - 1;
      List<Receiver> receivers =
          List.of(
              Receiver.query(last, 0),
              Receiver.key(last, 1),
              Receiver.value(1, 2),
              Receiver.mlpInput(last),
              Receiver.finalResidual());
      LabelledArray matrix = patching.sweep(receivers, Positions.all(), SweepMonitor.NONE);
      List<Sender> senders = SenderGrid.senders(example.model().config());
      for (Receiver receiver : receivers) {
        double[] effects = matrix.slice("receiver", receiver.label()).values();
        double largest = 0;
        for (int i = 0; i < effects.length; i++) {
          double expected =
              senders.get(i).reaches(receiver)
                  ? patching.effect(new Edge(senders.get(i), receiver))
                  : 0;
          assertThat(effects[i])
              .as("%s to %s", senders.get(i), receiver)
              .isEqualTo(expected, within(TOLERANCE));
          largest = Math.max(largest, Math.abs(expected));
        }
        assertThat(largest).as("%s", receiver).isGreaterThan(5 * TOLERANCE);
      }
    }
  }

  /** Results of head 1 in layer 0 into two receivers, one of which reads what the other changes. */
  @Test
  void severalEdgesGiveWhatHooksOnTheInputsGive() {
    Positions at = Positions.of(1, 4);
    List<Edge> several =
        List.of(
            new Edge(Sender.head(0, 1), Receiver.value(1, 2)),
            new Edge(Sender.mlp(0), Receiver.value(1, 2)),
            new Edge(Sender.head(0, 1), Receiver.mlpInput(1)),
            new Edge(Sender.embedding(), Receiver.finalResidual()));
    try (PlainPathPatching plain = tiny.plainPathPatching();
        CachedRun original = tiny.model().runWithCache(tiny.original(), CacheSpec.everything())) {
      INDArray head = difference(plain, original, "result0", Part.everything().heads(1));
      INDArray mlp = difference(plain, original, "mlp_out0", Part.everything());
      INDArray embedding = difference(plain, original, "embed", Part.everything());
      HookRegistry hooks = tiny.model().newHooks();
      hooks.add("v_input1", Part.everything().heads(2).at(at), adding(head));
      hooks.add("v_input1", Part.everything().heads(2).at(at), adding(mlp));
      hooks.add("mlp_in1", Part.everything().at(at), adding(head));
      hooks.add("resid_post1", Part.everything().at(at), adding(embedding));
      double expected = plain.effectOf(hooks);
      assertThat(Math.abs(expected)).isGreaterThan(10 * TOLERANCE);
      assertThat(edges.effect(several, at)).isEqualTo(expected, within(TOLERANCE));
    }
  }

  /** Returns {@code [batch, pos, d_model]}. */
  private static INDArray difference(
      PlainPathPatching plain, CachedRun original, String point, Part part) {
    INDArray difference = plain.replacementCache().get(point).sub(original.cache().get(point));
    return part.heads().isEmpty()
        ? difference
        : difference.tensorAlongDimension(part.heads().get(0), 0, 1, 3).dup('c');
  }

  /** Adds positions 1 and 4 of {@code [batch, pos, d_model]}. */
  private static Hook adding(INDArray difference) {
    INDArray chosen =
        Nd4j.pullRows(
            difference.reshape('c', difference.size(0) * difference.size(1), difference.size(2)),
            1,
            1,
            4,
            8,
            11,
            15,
            18);
    return (value, context) -> value.add(chosen.reshape(value.shape()));
  }

  @Test
  void everyEdgeIntoALayersHeadsMakesThemReadTheReplacement() {
    List<Edge> all = new ArrayList<>();
    List<Sender> senders =
        List.of(
            Sender.embedding(),
            Sender.head(0, 0),
            Sender.head(0, 1),
            Sender.head(0, 2),
            Sender.head(0, 3),
            Sender.mlp(0));
    for (Sender sender : senders) {
      for (int head = 0; head < 4; head++) {
        all.add(new Edge(sender, Receiver.query(1, head)));
        all.add(new Edge(sender, Receiver.key(1, head)));
        all.add(new Edge(sender, Receiver.value(1, head)));
      }
    }
    try (PlainPathPatching plain = tiny.plainPathPatching()) {
      HookRegistry hooks = tiny.model().newHooks();
      hooks.add(
          point -> point.layer() == 1 && point.activation() == Activation.Z,
          Interventions.replaceFrom(plain.replacementCache()));
      assertThat(edges.effect(all, Positions.all()))
          .isEqualTo(plain.effectOf(hooks), within(TOLERANCE));
    }
  }

  @Test
  void edgesAreRanked() {
    LabelledArray effects = edges.sweep(Receiver.finalResidual());
    assertThat(effects.name()).isEqualTo("edge patching into final residual stream");
    List<LabelledArray.Cell> top = effects.top(3);
    assertThat(Math.abs(top.get(0).value())).isGreaterThanOrEqualTo(Math.abs(top.get(2).value()));
    assertThat(top.get(0).labels()).hasSize(2);
  }

  @Test
  void whatIsNoEdgeIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Edge(Sender.head(1, 3), Receiver.query(1, 0)))
        .withMessage("there is no edge from 1.3 to q 1.0, which reads before that writes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Edge(Sender.mlp(1), Receiver.mlpInput(1)));
    Edge edge = new Edge(Sender.mlp(0), Receiver.query(1, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> edges.effect(edge, edge))
        .withMessage("edges are needed, each once, not [mlp 0 -> q 1.0, mlp 0 -> q 1.0]");
    assertThatIllegalArgumentException().isThrownBy(() -> edges.effect());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> edges.effect(new Edge(Sender.mlp(0), Receiver.query(3, 0))))
        .withMessage("layer 3 is out of range: tiny has layers 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> edges.sweep(List.of(), Positions.all(), SweepMonitor.NONE));
  }

  @Test
  void aClosedPatchingIsRefused() {
    EdgePatching closed = tiny.edgePatching();
    closed.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> closed.effect(new Edge(Sender.mlp(0), Receiver.query(1, 0))));
  }
}
