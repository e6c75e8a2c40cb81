package dev.headlamp.hooks;

import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.weights.hub.DownloadListener;
import dev.headlamp.weights.hub.HubException;
import dev.headlamp.weights.hub.HubSettings;
import dev.headlamp.weights.hub.ModelLocator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * How a model is found and loaded.
 *
 * @param type FLOAT, or DOUBLE for checking
 * @param processing what is done to the weights
 * @param revision a branch, tag or commit of a model on the hub, such as one of the training steps
 *     that Stanford published; null for the main one
 * @param listener is told how a download goes
 * @param hub where models are kept and fetched from; null for what the environment says, as Hugging
 *     Face's Python libraries read it
 */
public record LoadOptions(
    DataType type,
    WeightProcessing processing,
    @Nullable String revision,
    DownloadListener listener,
    @Nullable HubSettings hub) {

  /** Checks that nothing that has to be there is missing. */
  public LoadOptions {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(processing, "processing");
    Objects.requireNonNull(listener, "listener");
  }

  /**
   * Returns the main revision, as float32, its weights as they are, from where the environment
   * says, told to nobody.
   */
  public static LoadOptions defaults() {
    return new LoadOptions(
        DataType.FLOAT, WeightProcessing.none(), null, DownloadListener.NONE, null);
  }

  /** Returns these options with another type: FLOAT or DOUBLE. */
  public LoadOptions withType(DataType type) {
    return new LoadOptions(type, processing, revision, listener, hub);
  }

  /** Returns these options with weights to be processed. */
  public LoadOptions withProcessing(WeightProcessing processing) {
    return new LoadOptions(type, processing, revision, listener, hub);
  }

  /** Returns these options with a revision: a branch, tag or commit. */
  public LoadOptions withRevision(String revision) {
    return new LoadOptions(
        type, processing, Objects.requireNonNull(revision, "revision"), listener, hub);
  }

  /** Returns these options with somebody to tell how a download goes. */
  public LoadOptions withListener(DownloadListener listener) {
    return new LoadOptions(type, processing, revision, listener, hub);
  }

  /** Returns these options with settings in place of the environment's. */
  public LoadOptions withHub(HubSettings hub) {
    return new LoadOptions(
        type, processing, revision, listener, Objects.requireNonNull(hub, "hub"));
  }

  /** Returns what finds the model. */
  ModelLocator locator() throws HubException {
    return hub == null ? ModelLocator.fromEnvironment() : ModelLocator.with(hub);
  }

  /** Returns what a model from the hub is called: by the name asked for, not by its commit. */
  String nameOf(String asked) {
    return revision == null ? asked : asked + "@" + revision;
  }
}
