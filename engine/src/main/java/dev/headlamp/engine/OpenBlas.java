package dev.headlamp.engine;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
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
        layout,
        rows,
        out,
        in,
        1,
        new FloatPointer(x.data().addressPointer()),
        in,
        new FloatPointer(w.data().addressPointer()),
        w.size(1),
        keep,
        new FloatPointer(result.data().addressPointer()),
        out);
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
  public void multiplyHeads(
      Size size, float factor, HeadMatrices a, HeadMatrices b, Layout layout, HeadMatrices c) {
    for (long prompt = 0; prompt < size.prompts(); prompt++) {
      for (long head = 0; head < size.heads(); head++) {
        product(
            layout,
            size.rows(),
            size.columns(),
            size.inner(),
            factor,
            a.pointer(prompt, head),
            a.ofRow(),
            b.pointer(prompt, head),
            b.ofRow(),
            0,
            c.pointer(prompt, head),
            c.ofRow());
      }
    }
  }

  /** c = factor·a·b + keep·c, or with bᵀ; strides are from one row to the next. */
  private static void product(
      Layout layout,
      long rows,
      long columns,
      long inner,
      float factor,
      FloatPointer a,
      long aStride,
      FloatPointer b,
      long bStride,
      float keep,
      FloatPointer c,
      long cStride) {
    cblas_sgemm(
        CblasRowMajor,
        CblasNoTrans,
        layout == Layout.PLAIN ? CblasNoTrans : CblasTrans,
        Math.toIntExact(rows),
        Math.toIntExact(columns),
        Math.toIntExact(inner),
        factor,
        a,
        Math.toIntExact(aStride),
        b,
        Math.toIntExact(bStride),
        keep,
        c,
        Math.toIntExact(cStride));
  }

  @Override
  public void close() {
    // It keeps nothing.
  }
}
