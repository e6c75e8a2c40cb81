package dev.headlamp.weights.hub;

import java.net.URI;

/**
 * A file of one commit, as the hub states it.
 *
 * @param model whose file it is
 * @param commit of which commit
 * @param name a plain file name
 * @param address where it is fetched from
 * @param checksum of its bytes
 * @param size in bytes; not trusted for more than a comparison
 */
record RemoteFile(
    RepositoryId model, String commit, String name, URI address, Checksum checksum, long size) {

  @Override
  public String toString() {
    return name + " of " + model + " at commit " + commit;
  }
}
