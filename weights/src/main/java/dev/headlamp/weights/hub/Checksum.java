package dev.headlamp.weights.hub;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the hub states about the bytes of a file, and the name of its blob: the SHA-256 of a large
 * file, the SHA-1 that git gives the blob of any other.
 *
 * @param hex 64 or 40 lower-case hexadecimal digits
 */
record Checksum(String hex) {

  private static final Pattern ETAG = Pattern.compile("(?:W/)?\"?([0-9a-f]{64}|[0-9a-f]{40})\"?");

  /** Reads a checksum from an ETag; empty where the ETag is something else. */
  static Optional<Checksum> fromEtag(String etag) {
    var matcher = ETAG.matcher(etag.strip());
    return matcher.matches() ? Optional.of(new Checksum(matcher.group(1))) : Optional.empty();
  }

  /** Starts a digest over a file of {@code size} bytes. */
  MessageDigest digest(long size) {
    try {
      if (isSha256()) {
        return MessageDigest.getInstance("SHA-256");
      }
      MessageDigest gitBlob = MessageDigest.getInstance("SHA-1");
      gitBlob.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
      return gitBlob;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1 and SHA-256", e);
    }
  }

  boolean matches(byte[] digest) {
    return hex.equals(HexFormat.of().formatHex(digest));
  }

  String kind() {
    return isSha256() ? "SHA-256" : "git SHA-1";
  }

  private boolean isSha256() {
    return hex.length() == 64;
  }
}
