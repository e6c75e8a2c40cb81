package dev.headlamp.experiments.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.experiments.ioi.IoiPosition;
import dev.headlamp.hooks.HookedGpt2;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunJournalTest {

  private static final CircuitNode ONE = new CircuitNode(new Head(0, 2), IoiPosition.END);
  private static final CircuitNode OTHER = new CircuitNode(new Head(1, 1), IoiPosition.END);

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("test.runs");
  }

  @Test
  void whatIsInTheFileIsNotRunAgain() throws IOException {
    try (HookedGpt2 model = DemoTask.model()) {
      IoiTask task = DemoTask.of(model, 8);
      double kept;
      try (RunJournal journal = RunJournal.open(file());
          AblatedRuns runs = AblatedRuns.of(task, journal)) {
        kept = runs.keeping(List.of(ONE, OTHER));
        runs.without(List.of(ONE));
        assertThat(Files.readAllLines(file())).hasSize(2);
      }
      // A value that no run gives shows where an answer comes from.
      Files.writeString(
          file(), Files.readString(file()).replaceFirst("(without .*)\t.*", "$1\t123.5"));
      try (RunJournal journal = RunJournal.open(file());
          AblatedRuns runs = AblatedRuns.of(task, journal)) {
        assertThat(journal.size()).isEqualTo(2);
        assertThat(runs.keeping(List.of(OTHER, ONE))).isEqualTo(kept);
        assertThat(runs.without(List.of(ONE))).isEqualTo(123.5);
        assertThat(runs.without(List.of(OTHER))).isNotEqualTo(123.5);
      }
    }
  }

  @Test
  void aLineThatWasNotFinishedIsDroppedAndWrittenOver() throws IOException {
    try (RunJournal journal = RunJournal.open(file())) {
      journal.add("keeping a", 1.5);
      journal.add("keeping b", 2.5);
    }
    Files.writeString(file(), "keeping c\t3.", StandardOpenOption.APPEND);
    try (RunJournal journal = RunJournal.open(file())) {
      assertThat(journal.size()).isEqualTo(2);
      assertThat(journal.find("keeping c")).isEmpty();
      journal.add("keeping c", 4.25);
    }
    assertThat(Files.readString(file()))
        .isEqualTo("keeping a\t1.5\nkeeping b\t2.5\nkeeping c\t4.25\n");
  }

  @Test
  void aFileOfAnotherKindIsRefusedAndLeftAsItIs() throws IOException {
    Files.writeString(file(), "something else\nentirely");
    assertThatThrownBy(() -> RunJournal.open(file()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(file() + " is no journal of runs: it has the line 'something else'");
    assertThat(file()).hasContent("something else\nentirely");
  }

  @Test
  void theKeyTellsTasksApart() {
    try (HookedGpt2 model = DemoTask.model()) {
      String key = RunJournal.keyOf(DemoTask.of(model, 8));
      assertThat(RunJournal.keyOf(DemoTask.of(model, 8))).isEqualTo(key);
      assertThat(RunJournal.keyOf(DemoTask.of(model, 9))).isNotEqualTo(key);
      IoiTask task = DemoTask.of(model, 8);
      assertThat(RunJournal.keyOf(IoiTask.of(model, task.ioi(), 3)))
          .as("other p_ABC names")
          .isNotEqualTo(key);
    }
  }
}
