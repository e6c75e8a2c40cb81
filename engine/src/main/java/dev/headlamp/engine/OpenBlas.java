package dev.headlamp.engine;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Matrix products by the OpenBLAS that nd4j-native brings. */
final class OpenBlas implements MatrixProducts {

  private static final Logger LOG = LoggerFactory.getLogger(OpenBlas.class);

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
        LOG.info("OpenBLAS is not available ({})", e.toString());
        return false;
      }
    }
  }

  @Override
  public boolean fuses(Fused fused) {
    return fused == Fused.NOTHING;
  }

  @Override
  public void linear(
      INDArray x,
      INDArray w,
      Layout layout,
      @Nullable INDArray bias,
      Fused fused,
      @Nullable INDArray added,
      INDArray result) {
    int in = Math.toIntExact(w.size(layout == Layout.PLAIN ? 0 : 1));
    int out = Math.toIntExact(w.size(layout == Layout.PLAIN ? 1 : 0));
    int rows = Math.toIntExact(x.length() / in);
    float keep = startWithBias(result, bias, rows, out);
    product(
        layout == Layout.PLAIN ? CblasNoTrans : CblasTrans,
        rows,
        out,
        in,
        1,
        NativeMatrix.of(x, in),
        NativeMatrix.of(w, w.size(1)),
        keep,
        NativeMatrix.of(result, out));
  }

  @Override
  public void geluTanh(INDArray x, INDArray result) {
    throw new UnsupportedOperationException("OpenBLAS knows no GELU");
  }

  /** Fills the result with the bias; returns the factor that makes a product add to it. */
  private static float startWithBias(INDArray result, @Nullable INDArray bias, int rows, int out) {
    if (bias == null) {
      return 0;
    }
    float[] row = new float[out];
    FloatBuffer from = bias.data().asNioFloat();
    from.get(from.position(), row);
    if (result.length() <= Integer.MAX_VALUE / Float.BYTES) {
      FloatBuffer to = result.data().asNioFloat();
      for (int i = 0; i < rows; i++) {
        to.put(to.position() + (i * out), row);
      }
    } else {
      result.reshape('c', rows, out).assign(bias.broadcast(rows, out));
    }
    return 1;
  }

  @Override
  public void multiply(
      int rows,
      int columns,
      int inner,
      float factor,
      NativeMatrix a,
      NativeMatrix b,
      float keep,
      NativeMatrix c) {
    product(CblasNoTrans, rows, columns, inner, factor, a, b, keep, c);
  }

  @Override
  public void multiplyTransposed(
      int rows,
      int columns,
      int inner,
      float factor,
      NativeMatrix a,
      NativeMatrix b,
      float keep,
      NativeMatrix c) {
    product(CblasTrans, rows, columns, inner, factor, a, b, keep, c);
  }

  private static void product(
      int transposeB,
      int rows,
      int columns,
      int inner,
      float factor,
      NativeMatrix a,
      NativeMatrix b,
      float keep,
      NativeMatrix c) {
    cblas_sgemm(
        CblasRowMajor,
        CblasNoTrans,
        transposeB,
        rows,
        columns,
        inner,
        factor,
        a.pointer(),
        a.stride(),
        b.pointer(),
        b.stride(),
        keep,
        c.pointer(),
        c.stride());
  }

  @Override
  public void close() {
    // It keeps nothing.
  }
}
