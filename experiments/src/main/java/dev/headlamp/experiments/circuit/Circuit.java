package dev.headlamp.experiments.circuit;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A circuit of attention heads, each kept at the position where it does its work.
 *
 * @param name what reports call it
 * @param source where it comes from
 * @param classes its heads by what they do, no head twice at one position
 * @param minimalitySets for heads that matter only where others are gone, those others
 */
public record Circuit(
    String name, String source, List<HeadClass> classes, Map<Head, List<Head>> minimalitySets) {

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if there are no classes, or two hold the same head at the same
   *     position
   */
  public Circuit {
    classes = List.copyOf(classes);
    minimalitySets = Map.copyOf(minimalitySets);
    if (classes.isEmpty()) {
      throw new IllegalArgumentException("circuit '" + name + "' has no heads");
    }
    Set<CircuitNode> seen = new LinkedHashSet<>();
    for (HeadClass heads : classes) {
      for (CircuitNode node : heads.nodes()) {
        if (!seen.add(node)) {
          throw new IllegalArgumentException(
              "circuit '%s' has %s in two classes".formatted(name, node));
        }
      }
    }
  }

  /** Returns a circuit whose heads all matter by themselves. */
  public static Circuit of(String name, String source, List<HeadClass> classes) {
    return new Circuit(name, source, classes, Map.of());
  }

  /** Returns every head at its position, in the order of the classes. */
  public Set<CircuitNode> nodes() {
    return classes.stream()
        .flatMap(heads -> heads.nodes().stream())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Returns the heads, each once, by layer. */
  public Set<Head> heads() {
    return classes.stream()
        .flatMap(heads -> heads.heads().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Returns those nodes whose head is one of some. */
  public List<CircuitNode> nodesOf(Collection<Head> heads) {
    return nodes().stream().filter(node -> heads.contains(node.head())).toList();
  }

  /** Returns the nodes of some roles, in the order of the classes. */
  public List<CircuitNode> nodes(HeadRole... roles) {
    List<HeadRole> wanted = List.of(roles);
    return classes.stream()
        .filter(heads -> wanted.contains(heads.role()))
        .flatMap(heads -> heads.nodes().stream())
        .toList();
  }

  /** Returns the class that a node belongs to. */
  public HeadClass classOf(CircuitNode node) {
    return classes.stream()
        .filter(heads -> heads.nodes().contains(node))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("circuit '%s' has no %s".formatted(name, node)));
  }

  /** Returns layer and head of every node as a table: {@code [row, quantity]}. */
  public LabelledArray table() {
    ResultTable table = ResultTable.of("circuit", "number", "layer", "head");
    nodes().forEach(node -> table.add(node.toString(), node.head().layer(), node.head().index()));
    return table.toArray();
  }

  /**
   * Returns this.
   *
   * @throws IllegalArgumentException if a model has not every head
   */
  public Circuit checkedFor(Gpt2Config config) {
    heads().forEach(head -> head.checkedFor(config));
    return this;
  }
}
