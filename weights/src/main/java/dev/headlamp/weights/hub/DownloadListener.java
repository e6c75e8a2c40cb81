package dev.headlamp.weights.hub;

/** Is told how a download goes; the place for a progress bar. */
@FunctionalInterface
public interface DownloadListener {

  /** Listens to nothing. */
  DownloadListener NONE = progress -> {};

  /**
   * Is called on the downloading thread when a file starts, about ten times a second while its
   * bytes come in, and when it is complete. An exception thrown here ends the download; what has
   * arrived is kept.
   */
  void progressed(DownloadProgress progress);
}
