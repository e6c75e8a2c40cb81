package dev.headlamp.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HeadlampTest {

  @Test
  void theVersionsOfWhatRunsArePrinted() {
    CommandLineRun run = CommandLineRun.of("--version");
    assertThat(run.status()).isZero();
    List<String> lines = run.out().lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).matches("headlamp \\d+\\.\\d+\\.\\d+.*");
    assertThat(lines.get(1)).matches("ND4J \\d+\\.\\d+\\.\\d+.*");
    assertThat(lines.get(2)).startsWith("Java " + Runtime.version());
  }
}
