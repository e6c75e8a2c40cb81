package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What is made while the caller has one of ND4J's workspaces open outlives that workspace. */
class WorkspaceTest {

  private static final TokenBatch TOKENS = TokenBatch.of(new int[] {5, 17, 99}, new int[] {1, 2});

  @Test
  void modelsResultsAndCachesOutliveTheWorkspaceTheyWereMadeIn() throws IOException {
    Gpt2 model;
    RunResult first;
    KeyValueCache past;
    try (MemoryWorkspace workspace = opened()) {
      workspace.enableDebug(false);
      model = Gpt2.load(Fixtures.model("tiny"));
      past = model.newKeyValueCache(2, 6);
      first = model.run(RunSpec.of(TOKENS).withKeyValues(past));
    }
    try (MemoryWorkspace workspace = opened()) {
      workspace.enableDebug(false);
      Nd4j.ones(1000, 100).addi(1e30); // what lay in the workspace is overwritten
    }
    RunSpec again = RunSpec.of(TOKENS);
    try (RunResult expected = Tiny.FLOAT.run(again);
        RunResult second = model.run(again.withKeyValues(past));
        KeyValueCache own = Tiny.FLOAT.newKeyValueCache(2, 6)) {
      Values.assertIdentical("first", expected.logits(), first.logits());
      Tiny.FLOAT.run(again.withKeyValues(own)).close();
      INDArray afterwards = Tiny.FLOAT.run(again.withKeyValues(own)).logits();
      Values.assertIdentical("second", afterwards, second.logits());
    } finally {
      first.close();
      past.close();
      model.close();
    }
  }

  @Test
  void whatThePoolMakesIsOfNoWorkspace() {
    try (ArrayPool pool = new ArrayPool(DataType.FLOAT, 1 << 10);
        MemoryWorkspace workspace = opened()) {
      workspace.enableDebug(false);
      assertThat(Nd4j.create(2, 3).isAttached()).isTrue();
      assertThat(pool.take(2, 3).isAttached()).isFalse();
    }
  }

  private static MemoryWorkspace opened() {
    WorkspaceConfiguration size = WorkspaceConfiguration.builder().initialSize(1 << 24).build();
    return Nd4j.getWorkspaceManager().getAndActivateWorkspace(size, "caller");
  }
}
