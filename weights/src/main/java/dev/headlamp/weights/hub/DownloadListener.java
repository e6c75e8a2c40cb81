package dev.headlamp.weights.hub;

import org.slf4j.LoggerFactory;

/**
 * Is told how a download goes; the place for a progress bar. All calls come on the downloading
 * thread. An exception thrown here ends the download; what has arrived is kept.
 */
@FunctionalInterface
public interface DownloadListener {

  /** Does not look at progress. Notices go to the log. */
  DownloadListener NONE = progress -> {};

  /**
   * Is called when a file starts, about ten times a second while its bytes come in, and when it is
   * complete.
   */
  void progressed(DownloadProgress progress);

  /**
   * Is called before a wait, and when something else is done than was meant to be. Unless this is
   * overridden, the notice goes to the log.
   */
  default void noticed(DownloadNotice notice) {
    LoggerFactory.getLogger(DownloadListener.class).warn("{}", notice.message());
  }
}
