package dev.headlamp.engine;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Matrix products of float32 arrays in the machine's memory, by the OpenBLAS that nd4j-native
 * brings.
 */
final class OpenBlas {

  private static final Logger LOG = LoggerFactory.getLogger(OpenBlas.class);

  private OpenBlas() {}

  /** Returns whether the library is on the class path and runs on this machine. */
  static boolean isAvailable() {
    return Availability.LOADED;
  }

  private static final class Availability {
    private static final boolean LOADED = load();

    private static boolean load() {
      try {
        Loader.load(org.bytedeco.openblas.global.openblas.class);
        return true;
      } catch (LinkageError e) {
        LOG.info(
            "OpenBLAS is not available ({}): GPT-2 runs on ND4J's portable operations, which are"
                + " slower",
            e.toString());
        return false;
      }
    }
  }

  /** A matrix in memory: rows of {@code stride} floats, from {@code offset} floats on. */
  static final class Matrix {
    private final FloatPointer pointer;
    private final int stride;

    private Matrix(FloatPointer pointer, long stride) {
      this.pointer = pointer;
      this.stride = Math.toIntExact(stride);
    }

    /** Returns the matrix that begins where {@code array} does, with rows {@code stride} apart. */
    static Matrix of(INDArray array, long stride) {
      return new Matrix(new FloatPointer(array.data().addressPointer()), stride);
    }

    /** Returns this matrix, moved to begin {@code offset} floats behind the array's beginning. */
    Matrix at(long offset) {
      pointer.position(offset);
      return this;
    }
  }

  /** c = factor · a · b + keep · c, of sizes [rows, inner] · [inner, columns]. */
  static void multiply(
      int rows, int columns, int inner, float factor, Matrix a, Matrix b, float keep, Matrix c) {
    product(CblasNoTrans, rows, columns, inner, factor, a, b, keep, c);
  }

  /** c = factor · a · bᵀ + keep · c, of sizes [rows, inner] · [columns, inner]ᵀ. */
  static void multiplyTransposed(
      int rows, int columns, int inner, float factor, Matrix a, Matrix b, float keep, Matrix c) {
    product(CblasTrans, rows, columns, inner, factor, a, b, keep, c);
  }

  private static void product(
      int transposeB,
      int rows,
      int columns,
      int inner,
      float factor,
      Matrix a,
      Matrix b,
      float keep,
      Matrix c) {
    cblas_sgemm(
        CblasRowMajor,
        CblasNoTrans,
        transposeB,
        rows,
        columns,
        inner,
        factor,
        a.pointer,
        a.stride,
        b.pointer,
        b.stride,
        keep,
        c.pointer,
        c.stride);
  }
}
