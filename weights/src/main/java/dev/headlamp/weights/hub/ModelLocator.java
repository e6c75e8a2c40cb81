package dev.headlamp.weights.hub;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the folder with the checkpoint of a model. A name is, in this order,
 *
 * <ol>
 *   <li>a folder on this machine that exists;
 *   <li>a model in the cache that Hugging Face's Python libraries keep; one that is there is used
 *       as it is, without asking the hub for a newer commit;
 *   <li>a model on the hub, which is fetched into that cache, where Python finds it too.
 * </ol>
 *
 * <p>Beside a model's own name ({@code openai-community/gpt2}) the short names of the field are
 * understood: {@code gpt2}, {@code gpt2-small}, {@code gpt2-medium}, {@code gpt2-large}, {@code
 * gpt2-xl}, {@code distilgpt2}, {@code stanford-gpt2-small-a} to {@code stanford-gpt2-medium-e},
 * {@code gpt-neo-125M}.
 *
 * <p>Only configuration, tokenizer and safetensors are fetched. Every file is verified against the
 * size and the checksum that the hub states before it can be seen under its name. A download that
 * is cut, killed or interrupted goes on where it stopped. Immutable and safe to share; threads and
 * processes that want the same file wait for one another.
 */
public final class ModelLocator {

  private final HubSettings settings;
  private final RetryPolicy policy;
  private final CachedModel.Links links;

  ModelLocator(HubSettings settings, RetryPolicy policy, CachedModel.Links links) {
    this.settings = settings;
    this.policy = policy;
    this.links = links;
  }

  /** Returns a locator with the given settings. */
  public static ModelLocator with(HubSettings settings) {
    return new ModelLocator(settings, RetryPolicy.STANDARD, CachedModel.Links.SYMBOLIC);
  }

  /**
   * Returns a locator with the settings that Hugging Face's Python libraries would use here.
   *
   * @throws HubException when the environment holds a value that cannot be used
   */
  public static ModelLocator fromEnvironment() throws HubException {
    return with(HubSettings.fromEnvironment());
  }

  /**
   * Finds the main revision of a model.
   *
   * @throws HubException see {@link #locate(String, String, DownloadListener)}
   */
  public Path locate(String nameOrFolder) throws HubException {
    return locate(nameOrFolder, null, DownloadListener.NONE);
  }

  /**
   * Finds a model.
   *
   * @param nameOrFolder a folder, a model's name on the hub, or a short name
   * @param revision a branch, tag or commit of 40 digits; null is the main branch, and the only
   *     choice for a folder
   * @param listener is told how a download goes
   * @return a folder with {@code config.json} and {@code model.safetensors}, or {@code
   *     model.safetensors.index.json} and its shards; with the tokenizer's files where the model
   *     has any. The files are shared with other programs and are not to be written to
   * @throws HubException when there is no such model, it has no safetensors, or it cannot be
   *     fetched; also when the thread is interrupted, which then stays interrupted
   */
  public Path locate(String nameOrFolder, @Nullable String revision, DownloadListener listener)
      throws HubException {
    Optional<Path> folder = existingFolder(nameOrFolder);
    if (folder.isPresent()) {
      return checkedFolder(folder.get(), revision);
    }
    List<CachedModel> places =
        ModelNames.resolve(nameOrFolder).stream()
            .map(name -> new CachedModel(settings.cacheFolder(), name, links))
            .toList();
    Revision wanted = revision == null ? Revision.MAIN : Revision.of(revision);
    Optional<Cached> cached = Cached.best(places, wanted);
    if (cached.isPresent() && cached.get().hasTokenizer()) {
      return cached.get().folder();
    }
    if (settings.offline()) {
      Path found = cached.orElseThrow(() -> notCached(places, wanted)).folder();
      listener.noticed(
          new DownloadNotice.WithoutTokenizer(
              found, "the cache has none, and offline was asked for"));
      return found;
    }
    return cached.isPresent()
        ? completed(cached.get(), listener)
        : download(places.get(0), wanted, listener);
  }

  /** Returns whether a name is that of a folder on this machine, which goes before any model. */
  public static boolean isFolder(String nameOrFolder) {
    return existingFolder(nameOrFolder).isPresent();
  }

  /** Returns whether the hub could have a model of this name. */
  public static boolean isNameOnHub(String name) {
    return RepositoryId.isValid(name);
  }

  private static Optional<Path> existingFolder(String text) {
    try {
      return Optional.of(Path.of(text)).filter(path -> !text.isEmpty() && Files.isDirectory(path));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static Path checkedFolder(Path folder, @Nullable String revision) throws HubException {
    if (revision != null) {
      throw new HubException(
          "revision %s of %s: this is a folder on this machine, which has no revisions"
              .formatted(revision, folder.toAbsolutePath()));
    }
    String shadows =
        RepositoryId.isValid(folder.toString())
            ? ", which goes before the model of that name,"
            : "";
    CheckpointFiles.requireUsable(
        folder,
        "the folder " + folder.toAbsolutePath() + shadows,
        CheckpointFiles.conversionCommand("\"" + folder + "\"", ""));
    return folder;
  }

  /** Adds the tokenizer to a snapshot of which Python has only fetched the model. */
  private Path completed(Cached cached, DownloadListener listener) throws HubException {
    try {
      return download(cached.model(), new Revision(cached.commit()), listener);
    } catch (HubException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      listener.noticed(
          new DownloadNotice.WithoutTokenizer(cached.folder(), String.valueOf(e.getMessage())));
      return cached.folder();
    }
  }

  private Path download(CachedModel model, Revision revision, DownloadListener listener)
      throws HubException {
    HubApi api = new HubApi(settings, policy, listener);
    return new ModelDownload(api, model, revision, listener).run();
  }

  /** Says why the cache is not enough: nothing there, or not all of it. */
  private HubException notCached(List<CachedModel> places, Revision revision) {
    CachedModel model = places.get(0);
    String offline =
        "; it is not fetched, because offline was asked for, by an option or HF_HUB_OFFLINE";
    for (CachedModel place : places) {
      try {
        Optional<String> commit = place.commitOf(revision);
        if (commit.isPresent() && Files.isDirectory(place.snapshot(commit.get()))) {
          place.requireUsable(
              commit.get(), "the cached " + place.name() + " at revision " + revision, revision);
        }
      } catch (HubException e) {
        return new HubException(e.getMessage() + offline, e);
      }
    }
    return new HubException(
        "%s at revision %s is not in the cache %s%s"
            .formatted(model.name(), revision, settings.cacheFolder(), offline));
  }
}
