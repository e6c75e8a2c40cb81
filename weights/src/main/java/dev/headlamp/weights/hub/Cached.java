package dev.headlamp.weights.hub;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A snapshot in the cache that has a configuration and all weights. */
record Cached(CachedModel model, String commit) {

  /** Returns the first of the places that has the revision with its tokenizer, or else without. */
  static Optional<Cached> best(List<CachedModel> places, Revision revision) throws HubException {
    Optional<Cached> best = Optional.empty();
    for (CachedModel place : places) {
      Optional<Cached> found = place.commitOf(revision).map(commit -> new Cached(place, commit));
      if (found.isPresent() && found.get().isUsable(revision)) {
        if (found.get().hasTokenizer()) {
          return found;
        }
        best = best.or(() -> found);
      }
    }
    return best;
  }

  Path folder() {
    return model.snapshot(commit);
  }

  boolean hasTokenizer() {
    return model.tokenizerIsSettled(commit);
  }

  private boolean isUsable(Revision revision) {
    try {
      model.requireUsable(commit, "", revision);
      return true;
    } catch (HubException e) {
      return false;
    }
  }
}
