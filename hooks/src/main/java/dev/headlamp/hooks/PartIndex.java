package dev.headlamp.hooks;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Where a part lies in an array whose first axis is the batch: for each axis all entries, or some.
 * Copies the part out of the array and back into it.
 */
final class PartIndex {

  /** Entries of one axis, the same for all prompts or each prompt's own. */
  static final class Selection {
    private final int[][] perPrompt;

    private Selection(int[][] perPrompt) {
      this.perPrompt = perPrompt;
    }

    static Selection all() {
      return new Selection(new int[0][]);
    }

    static Selection of(List<Integer> entries) {
      return entries.isEmpty()
          ? all()
          : new Selection(new int[][] {entries.stream().mapToInt(Integer::intValue).toArray()});
    }

    static Selection perPrompt(int[][] entries) {
      boolean same = Arrays.stream(entries).allMatch(row -> Arrays.equals(row, entries[0]));
      return new Selection(same ? new int[][] {entries[0]} : entries);
    }

    boolean isAll() {
      return perPrompt.length == 0;
    }

    boolean differsByPrompt() {
      return perPrompt.length > 1;
    }

    int[] entries(int prompt) {
      return perPrompt[perPrompt.length == 1 ? 0 : prompt];
    }
  }

  /** A box of the whole array and the box of the part that it belongs to. */
  private static final class Piece {
    private final INDArrayIndex[] whole;
    private final INDArrayIndex[] part;

    private Piece(INDArrayIndex[] whole, INDArrayIndex[] part) {
      this.whole = whole;
      this.part = part;
    }
  }

  private final Selection[] axes;

  /** From here on all entries of all axes are meant. */
  private final int wholeFrom;

  PartIndex(Selection[] axes) {
    this.axes = axes;
    int axis = axes.length;
    while (axis > 0 && axes[axis - 1].isAll()) {
      axis--;
    }
    this.wholeFrom = axis;
  }

  /** Returns the shape of the part of an array of shape {@code whole}. */
  long[] shape(long[] whole) {
    long[] shape = whole.clone();
    for (int axis = 0; axis < axes.length; axis++) {
      if (!axes[axis].isAll()) {
        shape[axis] = axes[axis].entries(0).length;
      }
    }
    return shape;
  }

  /** Returns a copy of the part. */
  INDArray read(INDArray whole) {
    INDArray part = Nd4j.createUninitialized(whole.dataType(), shape(whole.shape()), 'c');
    for (Piece piece : pieces(whole.size(0))) {
      part.get(piece.part).assign(whole.get(piece.whole));
    }
    return part;
  }

  /** Writes the part into the array. */
  void write(INDArray part, INDArray whole) {
    for (Piece piece : pieces(whole.size(0))) {
      whole.get(piece.whole).assign(part.get(piece.part));
    }
  }

  /** Copies the part from one array into another of the same shape. */
  void copy(INDArray from, INDArray to) {
    for (Piece piece : pieces(to.size(0))) {
      to.get(piece.whole).assign(from.get(piece.whole));
    }
  }

  /**
   * Does the same, without an operation on views for every piece, for arrays that are both float32,
   * C-ordered and in the machine's own memory.
   */
  void copyFloats(INDArray from, INDArray to) {
    long[] shape = to.shape();
    int[] sizes = new int[axes.length + 1];
    sizes[axes.length] = 1;
    for (int axis = axes.length - 1; axis >= 0; axis--) {
      sizes[axis] = Math.toIntExact(sizes[axis + 1] * shape[axis]);
    }
    FloatBuffer source = from.data().asNioFloat().slice();
    FloatBuffer target = to.data().asNioFloat().slice();
    for (int prompt = 0; prompt < shape[0]; prompt++) {
      copyFloats(source, target, sizes, prompt, 1, prompt * sizes[1]);
    }
  }

  /** Copies from one axis on; {@code sizes} are those of what an axis and all behind it span. */
  private void copyFloats(
      FloatBuffer source, FloatBuffer target, int[] sizes, int prompt, int axis, int at) {
    if (axis >= wholeFrom) {
      target.put(at, source, at, sizes[axis]);
      return;
    }
    int step = sizes[axis + 1];
    if (axes[axis].isAll()) {
      for (int next = at; next < at + sizes[axis]; next += step) {
        copyFloats(source, target, sizes, prompt, axis + 1, next);
      }
      return;
    }
    for (int entry : axes[axis].entries(prompt)) {
      copyFloats(source, target, sizes, prompt, axis + 1, at + (entry * step));
    }
  }

  private List<Piece> pieces(long batch) {
    boolean byPrompt = Arrays.stream(axes).anyMatch(Selection::differsByPrompt);
    List<Piece> pieces = new ArrayList<>();
    if (byPrompt) {
      for (int prompt = 0; prompt < batch; prompt++) {
        addPieces(pieces, prompt, NDArrayIndex.interval(prompt, prompt + 1));
      }
    } else {
      addPieces(pieces, 0, NDArrayIndex.all());
    }
    return pieces;
  }

  private void addPieces(List<Piece> pieces, int prompt, INDArrayIndex prompts) {
    INDArrayIndex[] whole = new INDArrayIndex[axes.length];
    Arrays.setAll(whole, axis -> axis == 0 ? prompts : NDArrayIndex.all());
    addPieces(pieces, prompt, 1, whole, whole.clone());
  }

  private void addPieces(
      List<Piece> pieces, int prompt, int axis, INDArrayIndex[] whole, INDArrayIndex[] part) {
    if (axis == axes.length) {
      pieces.add(new Piece(whole.clone(), part.clone()));
      return;
    }
    if (axes[axis].isAll()) {
      addPieces(pieces, prompt, axis + 1, whole, part);
      return;
    }
    int[] entries = axes[axis].entries(prompt);
    for (int from = 0, to; from < entries.length; from = to) {
      to = endOfRun(entries, from);
      whole[axis] = NDArrayIndex.interval(entries[from], entries[from] + (to - from));
      part[axis] = NDArrayIndex.interval(from, to);
      addPieces(pieces, prompt, axis + 1, whole, part);
    }
    whole[axis] = NDArrayIndex.all();
    part[axis] = NDArrayIndex.all();
  }

  /** Returns where consecutive entries end, so that they are copied as one box. */
  private static int endOfRun(int[] entries, int from) {
    int to = from + 1;
    while (to < entries.length && entries[to] == entries[to - 1] + 1) {
      to++;
    }
    return to;
  }
}
