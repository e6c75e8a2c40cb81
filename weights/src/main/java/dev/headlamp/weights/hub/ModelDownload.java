package dev.headlamp.weights.hub;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Brings the checkpoint of one revision into the cache. */
final class ModelDownload {

  private final HubApi api;
  private final CachedModel model;
  private final Revision revision;
  private final ProgressMeter meter;
  private final FileDownload files;

  ModelDownload(HubApi api, CachedModel model, Revision revision, DownloadListener listener) {
    this.api = api;
    this.model = model;
    this.revision = revision;
    this.meter = new ProgressMeter(listener);
    this.files = new FileDownload(api, model, meter, listener);
  }

  /**
   * Fetches what is not in the cache yet.
   *
   * @return the snapshot's folder, with configuration, tokenizer and all weights in it
   */
  Path run() throws HubException {
    try {
      return fetchAll();
    } catch (InterruptedException | ClosedByInterruptException e) {
      throw HubException.interrupted("the download of " + model.name(), e);
    } catch (HubException e) {
      throw e;
    } catch (IOException e) {
      throw new HubException("cannot keep " + model.name() + " in " + model.cache() + ": " + e, e);
    }
  }

  private Path fetchAll() throws IOException, InterruptedException {
    ModelInfo info = api.model(model.name(), revision);
    fetch(CheckpointFiles.choose(info.files(), whose(info), model.conversion(revision)), info);
    Path folder = model.snapshot(info.commit());
    Set<String> shards = CheckpointFiles.shards(folder);
    CheckpointFiles.requireListed(shards, info.files(), whose(info));
    fetch(shards, info);
    model.requireUsable(info.commit(), whose(info), revision);
    List<String> absent = new ArrayList<>(CheckpointFiles.TOKENIZER_PARTS);
    absent.removeAll(info.files());
    model.markAbsent(info.commit(), absent);
    // Last, so that until then the revision stands for the snapshot it stood for before.
    model.writeRef(revision, info.commit());
    return folder;
  }

  private void fetch(Collection<String> names, ModelInfo info)
      throws IOException, InterruptedException {
    List<RemoteFile> wanted = new ArrayList<>();
    long missing = 0;
    for (String name : names) {
      RemoteFile file = api.file(model.name(), info.commit(), name);
      CheckpointFiles.requireReadableSize(file);
      wanted.add(file);
      missing = saturatedSum(missing, files.missingBytes(file));
    }
    FreeSpace.require(model.cache(), missing, model.name().toString());
    meter.expect(wanted);
    for (RemoteFile file : wanted) {
      files.fetch(file);
    }
  }

  private String whose(ModelInfo info) {
    return model.name() + " at revision " + revision + " (commit " + info.commit() + ")";
  }

  private static long saturatedSum(long left, long right) {
    long sum = left + right;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
