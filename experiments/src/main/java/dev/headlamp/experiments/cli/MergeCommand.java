package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.enumeration.EnumerationHeader;
import dev.headlamp.experiments.enumeration.EnumerationMerge;
import dev.headlamp.experiments.enumeration.Slice;
import dev.headlamp.experiments.enumeration.StoredEnumeration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Joins what several machines enumerated. */
@Command(
    name = "merge",
    description = {
      "Join the shards of an enumeration, made by `headlamp ioi enumerate --shard i/n`.",
      "Refuses files of different runs, rows that are in two files, and rows that are in none."
          + " Writes enumeration.rows, and the tables of the whole."
    })
final class MergeCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "The files of all shards.")
  private List<Path> files = List.of();

  @Mixin private final EnumerationOptions enumeration = new EnumerationOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  MergeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    EnumerationOutput out = EnumerationOutput.of("enumeration", output, enumeration, terminal);
    StoredEnumeration first = InputException.blaming(() -> StoredEnumeration.read(files.get(0)));
    List<Slice> slices = enumeration.slices(first.header().space());
    StoredEnumeration merged =
        InputException.blaming(
            () -> {
              EnumerationMerge.merge(files, out.rows());
              return StoredEnumeration.read(out.rows());
            });
    Map<String, String> facts = facts(merged.header());
    out.print(facts);
    out.show(facts, merged.rows(), slices);
    return ExitStatus.OK;
  }

  private Map<String, String> facts(EnumerationHeader header) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("model", header.model());
    facts.put("weights", "SHA-256 " + header.weights());
    facts.put("arithmetic", header.arithmetic());
    facts.put("weight processing", header.processing());
    facts.putAll(EnumerateFacts.of(header.space(), header.bos()));
    facts.put("merged", files.size() + (files.size() == 1 ? " file" : " files"));
    return facts;
  }
}
