package dev.headlamp.experiments.enumeration;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Consumer;

/** The hash that runs are told apart by. */
public final class Sha256 {

  private Sha256() {}

  /** Returns, in hexadecimal, the hash of what {@code content} puts into it. */
  public static String of(Consumer<MessageDigest> content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      content.accept(digest);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
