package dev.headlamp.weights.hub;

import java.util.regex.Pattern;

/**
 * The name of a model on the hub: {@code gpt2} or {@code openai-community/gpt2}. What it holds is
 * safe in an address and as the name of a folder.
 */
record RepositoryId(String name) {

  private static final int LONGEST = 96;
  private static final Pattern PLAIN = Pattern.compile("(?:[\\w.-]+/)?[\\w.-]+");
  private static final Pattern REFUSED =
      Pattern.compile("--|\\.\\.|(?:^|/)[.-]|[.-](?:/|$)|\\.git$");

  RepositoryId {
    if (!isValid(name)) {
      throw new IllegalArgumentException("not the name of a model on the hub: " + name);
    }
  }

  /** Says whether the hub could have a model of this name, by huggingface_hub's own rule. */
  static boolean isValid(String name) {
    return name.length() <= LONGEST
        && PLAIN.matcher(name).matches()
        && !REFUSED.matcher(name).find();
  }

  /**
   * Returns the name of this model's folder in the cache: {@code models--openai-community--gpt2}.
   */
  String folderName() {
    return "models--" + name.replace("/", "--");
  }

  @Override
  public String toString() {
    return name;
  }
}
