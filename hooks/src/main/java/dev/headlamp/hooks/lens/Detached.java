package dev.headlamp.hooks.lens;

import java.util.function.Supplier;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;

/** Work whose arrays shall not end with a workspace that the caller has open. */
final class Detached {

  private Detached() {}

  @SuppressWarnings("try") // The scope is used by being open.
  static <T> T call(Supplier<T> work) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return work.get();
    }
  }
}
