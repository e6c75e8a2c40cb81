package dev.headlamp.weights.hub;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A branch, tag or commit of a model. What it holds is safe as a path below {@code refs}. */
record Revision(String name) {

  static final Revision MAIN = new Revision("main");

  private static final int LONGEST = 200;
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern PLAIN =
      Pattern.compile("[\\w@+=-][\\w.@+=-]*(?:/[\\w@+=-][\\w.@+=-]*)*");

  /**
   * Reads a revision that a user gave.
   *
   * @throws HubException when no branch, tag or commit can have this name
   */
  static Revision of(String name) throws HubException {
    if (name.length() > LONGEST || !PLAIN.matcher(name).matches() || name.contains("..")) {
      throw new HubException(
          "revision ("
              + name
              + ") must be a branch, a tag or a commit, such as main or checkpoint-1000");
    }
    return new Revision(name);
  }

  static boolean isCommit(String text) {
    return COMMIT.matcher(text).matches();
  }

  boolean isCommit() {
    return isCommit(name);
  }

  String inAddress() {
    return URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return name;
  }
}
