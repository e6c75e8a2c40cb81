package dev.headlamp.engine;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Prompts as a tree of tokens, in which a beginning that prompts share stands once. Nodes are
 * numbered depth first, so that the tokens before a node's are its ancestors, all of smaller
 * numbers.
 */
final class PrefixTree {

  private final int[] tokens;
  private final int[] depths;
  private final int[] ends;
  private final int[] prompts;

  private PrefixTree(int[] tokens, int[] depths, int[] ends, int[] prompts) {
    this.tokens = tokens;
    this.depths = depths;
    this.ends = ends;
    this.prompts = prompts;
  }

  /**
   * Returns the numbers of the prompts in an order in which those that begin alike are together.
   */
  static int[] order(List<int[]> prompts) {
    return IntStream.range(0, prompts.size())
        .boxed()
        .sorted((a, b) -> Arrays.compare(prompts.get(a), prompts.get(b)))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /**
   * Returns the tree of as many prompts as have at most {@code mostNodes} nodes, and at least one.
   *
   * @param order from {@link #order}
   * @param from the first in that order
   */
  static PrefixTree of(List<int[]> prompts, int[] order, int from, int mostNodes) {
    int longest = 0;
    int total = 0;
    int to = from;
    int[] before = {};
    for (; to < order.length; to++) {
      int[] prompt = prompts.get(order[to]);
      int added = prompt.length - shared(before, prompt);
      if (to > from && total + added > mostNodes) {
        break;
      }
      total += added;
      longest = Math.max(longest, prompt.length);
      before = prompt;
    }
    int[] tokens = new int[total];
    int[] depths = new int[total];
    int[] ends = new int[to - from];
    int[] path = new int[longest];
    int node = 0;
    before = new int[0];
    for (int i = from; i < to; i++) {
      int[] prompt = prompts.get(order[i]);
      for (int depth = shared(before, prompt); depth < prompt.length; depth++) {
        tokens[node] = prompt[depth];
        depths[node] = depth;
        path[depth] = node++;
      }
      ends[i - from] = path[prompt.length - 1];
      before = prompt;
    }
    return new PrefixTree(tokens, depths, ends, Arrays.copyOfRange(order, from, to));
  }

  private static int shared(int[] a, int[] b) {
    int mismatch = Arrays.mismatch(a, b);
    return mismatch < 0 ? b.length : mismatch;
  }

  /** Returns the number of nodes. */
  int size() {
    return tokens.length;
  }

  /** Returns the token of each node. */
  int[] tokens() {
    return tokens;
  }

  /** Returns how many tokens stand before each node's. */
  int[] depths() {
    return depths;
  }

  /** Returns the node of each prompt's last token. */
  int[] ends() {
    return ends;
  }

  /** Returns the number that each prompt had in the list. */
  int[] prompts() {
    return prompts;
  }
}
