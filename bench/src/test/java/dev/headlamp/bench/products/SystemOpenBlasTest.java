package dev.headlamp.bench.products;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SystemOpenBlasTest {

  /** Between what one core of a small machine does and what the largest do. */
  @Test
  void theProgramIsCompiledAndSaysARateWhereTheLibraryIs() {
    assumeThat(Path.of("/usr/bin/gcc")).exists();
    assumeThat(Files.exists(Path.of("/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0")))
        .isTrue();
    assertThat(SystemOpenBlas.gflops(16).orElseThrow()).isBetween(1.0, 1e5);
  }
}
