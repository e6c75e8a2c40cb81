package dev.headlamp.weights.hub;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One model's folder in the cache, as huggingface_hub lays it out:
 *
 * <pre>
 * models--gpt2/blobs/⟨SHA-256 or git SHA-1⟩        the bytes of a file
 * models--gpt2/snapshots/⟨commit⟩/config.json      a link to ../../blobs/⟨…⟩
 * models--gpt2/refs/main                           the commit of a branch or tag
 * models--gpt2/.no_exist/⟨commit⟩/tokenizer.json   an empty mark: this commit has no such file
 * .locks/models--gpt2/⟨…⟩.lock                     held while a blob is made
 * </pre>
 */
record CachedModel(Path cache, RepositoryId name, Links links) {

  /** More bytes than a commit and white space around it. */
  private static final long LONGEST_REF = 1_000;

  /** Makes symbolic links, where the file system has them. */
  @FunctionalInterface
  interface Links {
    Links SYMBOLIC = Files::createSymbolicLink;

    Path link(Path link, Path target) throws IOException;
  }

  /** Returns the commit that a revision stood for when it was last fetched, by anyone. */
  Optional<String> commitOf(Revision revision) throws HubException {
    if (revision.isCommit()) {
      return Optional.of(revision.name());
    }
    Path ref = ref(revision);
    try {
      if (!Files.isRegularFile(ref) || Files.size(ref) > LONGEST_REF) {
        return Optional.empty();
      }
      return Optional.of(Files.readString(ref).strip()).filter(Revision::isCommit);
    } catch (IOException e) {
      throw new HubException("cannot read " + ref + ": " + e, e);
    }
  }

  Path snapshot(String commit) {
    return folder().resolve("snapshots").resolve(commit);
  }

  Path blob(Checksum checksum) {
    return blobs().resolve(checksum.hex());
  }

  /**
   * Returns where the bytes of a blob gather. The name is not the one that huggingface_hub uses:
   * its lock (flock) and that of the JVM (fcntl) do not see each other on Linux, so the two must
   * not write to the same file.
   */
  Path incompleteBlob(Checksum checksum) {
    return blobs().resolve(checksum.hex() + ".headlamp.incomplete");
  }

  Path lock(Checksum checksum) {
    return cache.resolve(".locks").resolve(name.folderName()).resolve(checksum.hex() + ".lock");
  }

  /** Returns the command that makes a folder with safetensors of a revision that has none. */
  String conversion(Revision revision) {
    String leaf = name.name().substring(name.name().indexOf('/') + 1);
    return CheckpointFiles.conversionCommand(
        name.name(), " --revision " + revision + " --output " + leaf);
  }

  /**
   * Checks that a snapshot holds a configuration and all weights, none of it by a link that leads
   * out.
   *
   * @param whose the model in words, for messages
   * @throws HubException when it does not
   */
  void requireUsable(String commit, String whose, Revision revision) throws HubException {
    Path snapshot = snapshot(commit);
    for (Path file : CheckpointFiles.in(snapshot)) {
      if (leadsOut(file)) {
        throw new HubException(
            "%s: %s is a link out of the cache, which is not followed".formatted(whose, file));
      }
    }
    CheckpointFiles.requireUsable(snapshot, whose, conversion(revision));
  }

  /**
   * Says whether a file of a snapshot is a link to anything but a blob of this model. Such links
   * are made by nobody who keeps to the layout.
   */
  boolean leadsOut(Path file) throws HubException {
    try {
      Path real = file.toRealPath();
      return !real.startsWith(file.getParent().toRealPath())
          && !(Files.exists(blobs()) && real.startsWith(blobs().toRealPath()));
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new HubException("cannot follow " + file + ": " + e.getMessage(), e);
    }
  }

  /** Says whether a snapshot has a tokenizer, or is known to be of a commit without one. */
  boolean tokenizerIsSettled(String commit) {
    Path absent = absent(commit);
    return CheckpointFiles.hasTokenizer(snapshot(commit))
        || CheckpointFiles.TOKENIZER_PARTS.stream()
            .filter(name -> !Files.exists(snapshot(commit).resolve(name)))
            .allMatch(name -> Files.exists(absent.resolve(name)));
  }

  /** Marks the files of a tokenizer that a commit does not have, so that nobody asks again. */
  void markAbsent(String commit, List<String> names) throws IOException {
    for (String missing : names) {
      Path mark = absent(commit).resolve(missing);
      Files.createDirectories(mark.getParent());
      Files.write(mark, new byte[0]);
    }
  }

  /** Writes down which commit a branch or tag stands for. */
  void writeRef(Revision revision, String commit) throws IOException {
    if (!revision.isCommit()) {
      Path ref = ref(revision);
      Files.createDirectories(ref.getParent());
      Path fresh = ref.resolveSibling("." + UUID.randomUUID() + ".incomplete");
      Files.writeString(fresh, commit);
      Files.move(fresh, ref, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /**
   * Makes a verified blob a file of a snapshot. Where the file system has no links, or allows the
   * user none, the file itself is put there, as huggingface_hub does.
   */
  void addToSnapshot(String commit, String file, Path blob, boolean newBlob) throws IOException {
    Path place = snapshot(commit).resolve(file);
    Files.createDirectories(place.getParent());
    Path target = place.getParent().relativize(blob);
    try {
      linkAt(place, target);
    } catch (IOException | UnsupportedOperationException e) {
      if (newBlob) {
        Files.move(blob, place, StandardCopyOption.ATOMIC_MOVE);
      } else {
        Path copy = place.resolveSibling(file + ".headlamp.incomplete");
        Files.copy(blob, copy, StandardCopyOption.REPLACE_EXISTING);
        Files.move(copy, place, StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  private void linkAt(Path place, Path target) throws IOException {
    try {
      links.link(place, target);
    } catch (FileAlreadyExistsException e) {
      // A link to a blob that is gone, or a file of the wrong size: the caller has looked.
      Files.delete(place);
      links.link(place, target);
    }
  }

  private Path ref(Revision revision) {
    return folder().resolve("refs").resolve(revision.name());
  }

  private Path blobs() {
    return folder().resolve("blobs");
  }

  private Path absent(String commit) {
    return folder().resolve(".no_exist").resolve(commit);
  }

  private Path folder() {
    return cache.resolve(name.folderName());
  }
}
