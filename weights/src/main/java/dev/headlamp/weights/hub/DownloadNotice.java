package dev.headlamp.weights.hub;

import java.nio.file.Path;
import java.time.Duration;

/** Something about a download that does not stop it, but that whoever waits may want to know. */
public sealed interface DownloadNotice {

  /** Returns the notice in words, on one line, fit to be shown to a user as it is. */
  String message();

  /**
   * A request failed in a way that may pass, and is made again after a wait.
   *
   * @param what what was being done, such as {@code asking https://huggingface.co about gpt2}
   * @param reason why it failed, such as {@code huggingface.co answers 503}
   * @param pause how long is waited from now on
   * @param attempt which try comes after the wait, counted from 1 since there was progress last
   * @param attempts how many tries there are in a row before it is given up
   */
  record Retry(String what, String reason, Duration pause, int attempt, int attempts)
      implements DownloadNotice {
    @Override
    public String message() {
      return "%s failed (%s), trying again in %s (try %d of %d)"
          .formatted(what, reason, Text.duration(pause), attempt, attempts);
    }
  }

  /**
   * What had come of a file is of no use, and the file is fetched from its start.
   *
   * @param file the file, such as {@code model.safetensors}
   * @param reason why
   */
  record Restart(String file, String reason) implements DownloadNotice {
    @Override
    public String message() {
      return "fetching %s from the start again: %s".formatted(file, reason);
    }
  }

  /**
   * Another process, or another thread, is fetching the same file; it is waited for.
   *
   * @param file the file, such as {@code model.safetensors}
   */
  record Busy(String file) implements DownloadNotice {
    @Override
    public String message() {
      return "%s is being fetched by somebody else, waiting for that".formatted(file);
    }
  }

  /**
   * The cache has the model but not its tokenizer, which could not be fetched; the model is used
   * without.
   *
   * @param folder the model's folder in the cache
   * @param reason why the tokenizer could not be fetched
   */
  record WithoutTokenizer(Path folder, String reason) implements DownloadNotice {
    @Override
    public String message() {
      return "%s is used without a tokenizer: %s".formatted(folder, reason);
    }
  }
}
