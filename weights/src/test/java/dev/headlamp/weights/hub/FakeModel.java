package dev.headlamp.weights.hub;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One model of a {@link FakeHub}, at one commit. */
final class FakeModel {

  /** A file, and what the hub says about it. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares two of them
  record File(byte[] bytes, boolean large, String etag, String statedSize) {}

  private final String commit;
  private final Map<String, File> files = new ConcurrentSkipListMap<>();

  FakeModel(String commit) {
    this.commit = commit;
  }

  /** Adds a file that git itself keeps: its ETag is the SHA-1 of git's blob. */
  FakeModel small(String name, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    files.put(name, new File(bytes, false, gitSha1(bytes), String.valueOf(bytes.length)));
    return this;
  }

  /** Adds a file that is kept elsewhere and linked to: its ETag is a SHA-256. */
  FakeModel large(String name, byte[] bytes) {
    return stated(name, bytes, sha256(bytes), String.valueOf(bytes.length));
  }

  /** Adds a large file about which the hub states whatever is given. */
  FakeModel stated(String name, byte[] bytes, String etag, String size) {
    files.put(name, new File(bytes, true, etag, size));
    return this;
  }

  String commit() {
    return commit;
  }

  @Nullable File file(String name) {
    return files.get(name);
  }

  /** Returns the answer of {@code /api/models/…/revision/…}, with fields that nobody asked for. */
  String listing() {
    String siblings =
        files.keySet().stream()
            .map(name -> "{\"rfilename\": \"" + name + "\", \"lfs\": {\"size\": 1}}")
            .collect(Collectors.joining(", "));
    return """
        {"_id": "x", "tags": ["gpt2", ["nested"]], "config": {"sha": "no"}, "sha": "%s",
         "siblings": [%s], "spaces": []}
        """
        .formatted(commit, siblings);
  }

  static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(digest("SHA-256").digest(bytes));
  }

  static String gitSha1(byte[] bytes) {
    MessageDigest digest = digest("SHA-1");
    digest.update(("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII));
    return HexFormat.of().formatHex(digest.digest(bytes));
  }

  private static MessageDigest digest(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
