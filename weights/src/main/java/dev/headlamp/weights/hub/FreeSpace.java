package dev.headlamp.weights.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** How much room a disk has, and bytes in words. */
final class FreeSpace {

  private FreeSpace() {}

  /**
   * Checks that there is room before anything is fetched.
   *
   * @param needed bytes that are not here yet
   * @throws HubException when the disk of {@code folder} has less room
   */
  static void require(Path folder, long needed, String what) throws HubException {
    long free = bytes(folder);
    if (needed > free) {
      throw new HubException(
          "%s needs %s, and the disk of %s has %s free: make room, or set HF_HUB_CACHE to another disk"
              .formatted(what, inWords(needed), folder, inWords(free)));
    }
  }

  static String of(Path path) {
    return inWords(bytes(path));
  }

  private static long bytes(Path path) {
    Path existing = path.toAbsolutePath();
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    try {
      return Files.getFileStore(existing).getUsableSpace();
    } catch (IOException e) {
      // Some network disks do not say. Writing then shows whether there is room.
      return Long.MAX_VALUE;
    }
  }

  private static String inWords(long bytes) {
    return bytes < 10_000_000
        ? bytes + " bytes"
        : String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
  }
}
