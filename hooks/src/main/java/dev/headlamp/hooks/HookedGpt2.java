package dev.headlamp.hooks;

import dev.headlamp.engine.Generated;
import dev.headlamp.engine.GenerationSpec;
import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.Tap;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.tokenizer.Bos;
import dev.headlamp.tokenizer.Tokenizer;
import dev.headlamp.weights.hub.ModelLocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The front door: a GPT-2 with its tokenizer, to be run with hooks and with a cache. Immutable, and
 * safe to be used from many threads at once, each with its own hooks.
 *
 * <pre>{@code
 * try (HookedGpt2 model = HookedGpt2.load("gpt2")) {
 *   TokenBatch tokens = model.toTokens("When Mary and John went to the store, John gave a drink to");
 *   try (CachedRun run = model.runWithCache(tokens, CacheSpec.defaults())) {
 *     INDArray pattern = run.cache().get("blocks.9.attn.hook_pattern");
 *   }
 * }
 * }</pre>
 */
public final class HookedGpt2 implements AutoCloseable {

  private final Gpt2 model;
  private final @Nullable Tokenizer tokenizer;
  private final boolean ownsTokenizer;

  private HookedGpt2(Gpt2 model, @Nullable Tokenizer tokenizer, boolean ownsTokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.ownsTokenizer = ownsTokenizer;
  }

  /**
   * Loads a model folder in Hugging Face's layout, as float32.
   *
   * @throws IOException if the folder is no checkpoint of a supported architecture, or its files
   *     are damaged
   */
  public static HookedGpt2 load(Path folder) throws IOException {
    return load(folder, DataType.FLOAT);
  }

  /**
   * Loads a model folder in Hugging Face's layout, with its tokenizer if it has one.
   *
   * @param type FLOAT, or DOUBLE for checking
   * @throws IOException if the folder is no checkpoint of a supported architecture, or its files
   *     are damaged
   */
  public static HookedGpt2 load(Path folder, DataType type) throws IOException {
    return load(folder, type, WeightProcessing.none());
  }

  /**
   * Loads a model folder in Hugging Face's layout, with its tokenizer if it has one, and processes
   * the weights.
   *
   * @param type FLOAT, or DOUBLE for checking
   * @throws IOException if the folder is no checkpoint of a supported architecture, or its files
   *     are damaged
   * @throws IllegalArgumentException if the attention matrices are to be refactored and hold NaN or
   *     infinity
   */
  public static HookedGpt2 load(Path folder, DataType type, WeightProcessing processing)
      throws IOException {
    return withTokenizerOf(folder, Gpt2.load(folder, type, processing));
  }

  /**
   * Loads a model by name, as float32.
   *
   * @param nameOrFolder a folder on this machine; else a model in Hugging Face's cache; else one on
   *     the hub, which is fetched into that cache. See {@link ModelLocator} for the names
   * @throws dev.headlamp.weights.hub.HubException if there is no such model or it cannot be fetched
   * @throws IOException if it is no checkpoint of a supported architecture, or its files are
   *     damaged
   */
  public static HookedGpt2 load(String nameOrFolder) throws IOException {
    return load(nameOrFolder, LoadOptions.defaults());
  }

  /**
   * Loads a model by name. A model that is not a folder is called by the name asked for, and by its
   * revision if one is asked for: {@code gpt2}, {@code stanford-gpt2-small-a@checkpoint-100}.
   *
   * @param nameOrFolder a folder on this machine; else a model in Hugging Face's cache; else one on
   *     the hub, which is fetched into that cache. See {@link ModelLocator} for the names
   * @throws dev.headlamp.weights.hub.HubException if there is no such model or it cannot be fetched
   * @throws IOException if it is no checkpoint of a supported architecture, or its files are
   *     damaged
   */
  public static HookedGpt2 load(String nameOrFolder, LoadOptions options) throws IOException {
    Path folder = options.locator().locate(nameOrFolder, options.revision(), options.listener());
    Gpt2 model =
        ModelLocator.isFolder(nameOrFolder)
            ? Gpt2.load(folder, options.type(), options.processing())
            : Gpt2.load(options.nameOf(nameOrFolder), folder, options.type(), options.processing());
    return withTokenizerOf(folder, model);
  }

  private static HookedGpt2 withTokenizerOf(Path folder, Gpt2 model) throws IOException {
    try {
      return new HookedGpt2(model, tokenizerOf(folder), true);
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static @Nullable Tokenizer tokenizerOf(Path folder) throws IOException {
    boolean has =
        Files.exists(folder.resolve("tokenizer.json"))
            || Files.exists(folder.resolve("vocab.json"));
    return has ? Tokenizer.load(folder) : null;
  }

  /** Returns a model without a tokenizer around an engine, which it owns from then on. */
  public static HookedGpt2 of(Gpt2 model) {
    return new HookedGpt2(Objects.requireNonNull(model, "model"), null, false);
  }

  /** Returns a model around an engine and a tokenizer, which it owns from then on. */
  public static HookedGpt2 of(Gpt2 model, Tokenizer tokenizer) {
    return new HookedGpt2(
        Objects.requireNonNull(model, "model"),
        Objects.requireNonNull(tokenizer, "tokenizer"),
        true);
  }

  /**
   * Returns a model with processed weights of its own; this one stays as it is. The two share a
   * tokenizer, which this one closes: it is the one to close last.
   *
   * @throws IllegalArgumentException if a step comes before one that this model has had, or the
   *     attention matrices are to be refactored and hold NaN or infinity
   */
  public HookedGpt2 processed(WeightProcessing steps) {
    return new HookedGpt2(model.processed(steps), tokenizer, false);
  }

  /** Returns the engine. */
  public Gpt2 engine() {
    return model;
  }

  /** Returns the sizes and switches of the model. */
  public Gpt2Config config() {
    return model.config();
  }

  /** Returns what was done to the weights since the checkpoint: to be stated by every report. */
  public WeightProcessing processing() {
    return model.processing();
  }

  /** Returns the type the model computes in: FLOAT or DOUBLE. */
  public DataType dataType() {
    return model.dataType();
  }

  /** Returns whether the model came with a tokenizer. */
  public boolean hasTokenizer() {
    return tokenizer != null;
  }

  /**
   * Returns the tokenizer.
   *
   * @throws IllegalStateException if the model came without one
   */
  public Tokenizer tokenizer() {
    if (tokenizer == null) {
      throw new IllegalStateException(
          config().name() + " has no tokenizer: give token ids instead of text");
    }
    return tokenizer;
  }

  /**
   * Returns texts as a batch of tokens, each with the beginning-of-sequence token in front; shorter
   * ones are padded on the right.
   *
   * @throws IllegalStateException if the model came without a tokenizer
   */
  public TokenBatch toTokens(String... texts) {
    return toTokens(List.of(texts), Bos.PREPEND);
  }

  /**
   * Returns texts as a batch of tokens; shorter ones are padded on the right.
   *
   * @throws IllegalStateException if the model came without a tokenizer
   * @throws IllegalArgumentException if a text has no tokens
   */
  public TokenBatch toTokens(List<String> texts, Bos bos) {
    return TokenBatch.of(tokenizer().toTokens(texts, bos));
  }

  /**
   * Returns the text of a token, leading space included; {@code #7} for an id that has none, which
   * in a model without a tokenizer is every id.
   */
  public String tokenText(int id) {
    return tokenizer != null && tokenizer.hasToken(id)
        ? tokenizer.toTokenTexts(id).get(0)
        : "#" + id;
  }

  /** Returns an empty registry for hooks on this model's points. */
  public HookRegistry newHooks() {
    return new HookRegistry(config());
  }

  /**
   * Runs the model.
   *
   * @return the logits {@code [batch, pos, d_vocab]}, owned by the caller
   * @throws IllegalArgumentException if the tokens do not fit the model
   */
  public INDArray run(TokenBatch tokens) {
    return model.run(RunSpec.of(tokens)).logits();
  }

  /**
   * Runs the model with hooks.
   *
   * @return the logits {@code [batch, pos, d_vocab]}, owned by the caller
   * @throws IllegalArgumentException if the tokens do not fit the model, or a hook returned an
   *     array of another shape or type
   */
  public INDArray run(TokenBatch tokens, HookRegistry hooks) {
    return run(RunSpec.of(tokens), hooks).logits();
  }

  /**
   * Runs what {@code spec} asks for, with hooks; a tap in {@code spec} is replaced.
   *
   * @throws IllegalArgumentException if the run does not fit the model
   */
  public RunResult run(RunSpec spec, HookRegistry hooks) {
    return model.run(spec.withTap(tap(hooks, spec.tokens(), 0)));
  }

  /** Runs the model and keeps what its points held. */
  public CachedRun runWithCache(TokenBatch tokens, CacheSpec keep) {
    return runWithCache(RunSpec.of(tokens), keep, Tap.NONE);
  }

  /** Runs the model with hooks and keeps what its points held, edits included. */
  public CachedRun runWithCache(TokenBatch tokens, CacheSpec keep, HookRegistry hooks) {
    return runWithCache(RunSpec.of(tokens), keep, tap(hooks, tokens, 0));
  }

  private CachedRun runWithCache(RunSpec spec, CacheSpec keep, Tap hooks) {
    Set<HookPoint> points = keep.resolve(config());
    CacheTap tap = new CacheTap(hooks, points, keep.positions(), spec.tokens());
    RunSpec stopped = keep.stopLayer() == RunSpec.ALL_LAYERS ? spec : spec.stopAt(keep.stopLayer());
    try {
      RunResult result = model.run(stopped.withTap(tap));
      return new CachedRun(
          result, new ActivationCache(this, spec.tokens(), keep.positions(), tap.kept()));
    } catch (RuntimeException | Error e) {
      tap.discard();
      throw e;
    }
  }

  /**
   * Continues prompts, with hooks that see the number of the step.
   *
   * @throws IllegalArgumentException if a prompt and what is to be added exceed the context
   */
  public Generated generate(TokenBatch prompts, GenerationSpec spec, HookRegistry hooks) {
    return model.generate(prompts, spec.withTaps((tokens, step) -> tap(hooks, tokens, step)));
  }

  /** Continues prompts. */
  public Generated generate(TokenBatch prompts, GenerationSpec spec) {
    return model.generate(prompts, spec);
  }

  private Tap tap(HookRegistry hooks, TokenBatch tokens, int step) {
    if (!hooks.config().equals(config())) {
      throw new IllegalArgumentException(
          "these hooks were registered for %s, not for %s"
              .formatted(hooks.config().name(), config().name()));
    }
    return hooks.size() == 0 ? Tap.NONE : new HookTap(hooks, tokens, step);
  }

  /** Frees the model, and its tokenizer unless that is borrowed from the model it was made of. */
  @Override
  public void close() {
    model.close();
    if (tokenizer != null && ownsTokenizer) {
      tokenizer.close();
    }
  }
}
