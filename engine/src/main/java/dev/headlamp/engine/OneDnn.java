package dev.headlamp.engine;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Matrix products by oneDNN, which loses least where matrices have few rows.
 *
 * <p>Weights are kept a second time, in the order in which oneDNN's kernels read them, from their
 * first product on: it takes a third off a product of 16 rows, and more off one with the transposed
 * unembedding. Those that are multiplied both joined and alone are kept a third time.
 */
final class OneDnn implements MatrixProducts {

  private static final Logger LOG = LoggerFactory.getLogger(OneDnn.class);

  /** Models with more bytes of weights than this are not kept a second time. */
  private static final long PACKED_BYTES = 2L << 30;

  private final Map<Long, PackedWeight> packed = new ConcurrentHashMap<>();

  /** By the addresses of all that is joined. */
  private final Map<List<Long>, JoinedWeights> joined = new ConcurrentHashMap<>();

  /** The addresses of what may be packed; nothing else stays where it is. */
  private final Map<Long, INDArray> weights = new ConcurrentHashMap<>();

  /** Returns products for a model of the given weights, borrowed. */
  static OneDnn of(List<INDArray> weights) {
    OneDnn products = new OneDnn();
    long bytes = weights.stream().mapToLong(w -> w.length() * Float.BYTES).sum();
    if (bytes <= PACKED_BYTES) {
      weights.forEach(w -> products.weights.put(address(w), w));
    }
    return products;
  }

  /** Returns whether the library is on the class path and runs on this machine. */
  static boolean isAvailable() {
    return Switches.ONE_DNN && Availability.LOADED;
  }

  private static final class Availability {
    private static final boolean LOADED = load();

    private static boolean load() {
      try {
        Loader.load(dnnl.class);
        return true;
      } catch (LinkageError e) {
        LOG.info(
            "oneDNN is not available ({}): matrix products go another, slower way. Add the"
                + " dependency headlamp-native, or org.bytedeco:dnnl-platform",
            e.toString());
        return false;
      }
    }
  }

  /** The library's own objects, which every process needs once. */
  static final class Library {
    static final engine ENGINE = new engine(engine.kind.cpu, 0);
    static final stream STREAM = new stream(ENGINE);

    private Library() {}
  }

  private static long address(INDArray array) {
    return array.data().addressPointer().address();
  }

  @Override
  public boolean fuses(Fused fused) {
    return true;
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
    long in = w.size(layout == Layout.PLAIN ? 0 : 1);
    long out = w.size(layout == Layout.PLAIN ? 1 : 0);
    long rows = x.length() / in;
    PackedWeight packedWeight = packed(w, layout, in, out);
    OneDnnProducts.ofThisThread()
        .product(
            new OneDnnProduct.Size(
                rows, in, out, layout, packedWeight != null, bias != null, fused))
        .execute(
            x.data().addressPointer(),
            packedWeight == null ? w.data().addressPointer() : packedWeight.values(),
            bias == null ? null : bias.data().addressPointer(),
            added == null ? null : added.data().addressPointer(),
            result.data().addressPointer());
  }

  @Override
  public void geluTanh(INDArray x, INDArray result) {
    OneDnnProducts.ofThisThread()
        .gelu(x.length())
        .execute(x.data().addressPointer(), result.data().addressPointer());
  }

  private @Nullable PackedWeight packed(INDArray w, Layout layout, long in, long out) {
    long address = address(w);
    PackedWeight ready = packed.get(address);
    if (ready != null || !weights.containsKey(address)) {
      return ready;
    }
    return packed.computeIfAbsent(
        address,
        key -> PackedWeight.of(new FloatPointer(w.data().addressPointer()), layout, in, out));
  }

  @Override
  public void multiplyHeads(
      Size size, float factor, HeadMatrices a, HeadMatrices b, Layout layout, HeadMatrices c) {
    if (size.few()) {
      oneByOne(size, factor, a, b, layout, c);
      return;
    }
    OneDnnHeads.Strides ofA = OneDnnHeads.Strides.of(a);
    OneDnnHeads.Strides ofB = OneDnnHeads.Strides.of(b);
    OneDnnHeads.Strides ofC = OneDnnHeads.Strides.of(c);
    OneDnnProducts.ofThisThread()
        .heads(new OneDnnHeads.Key(size, factor, layout, ofA, ofB, ofC))
        .execute(a, b, c);
  }

  private static void oneByOne(
      Size size, float factor, HeadMatrices a, HeadMatrices b, Layout layout, HeadMatrices c) {
    for (long prompt = 0; prompt < size.prompts(); prompt++) {
      for (long head = 0; head < size.heads(); head++) {
        int status =
            dnnl.dnnl_sgemm(
                (byte) 'N',
                (byte) (layout == Layout.PLAIN ? 'N' : 'T'),
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
        if (status != dnnl.dnnl_success) {
          throw new IllegalStateException(
              "oneDNN refused a product of %s with status %d".formatted(size, status));
        }
      }
    }
  }

  @Override
  public boolean joins(List<INDArray> ws, List<@Nullable INDArray> biases) {
    boolean someBias = biases.stream().anyMatch(Objects::nonNull);
    return weights.containsKey(address(ws.get(0)))
        && !(someBias && biases.stream().anyMatch(Objects::isNull));
  }

  @Override
  public void linearJoined(
      INDArray x, List<INDArray> ws, List<@Nullable INDArray> biases, INDArray result) {
    List<Long> addresses =
        Stream.concat(ws.stream(), biases.stream().filter(Objects::nonNull))
            .map(OneDnn::address)
            .toList();
    JoinedWeights all = joined.computeIfAbsent(addresses, key -> JoinedWeights.of(ws, biases));
    long in = ws.get(0).size(0);
    OneDnnProducts.ofThisThread()
        .product(
            new OneDnnProduct.Size(
                x.length() / in,
                in,
                all.columns(),
                Layout.PLAIN,
                true,
                all.bias() != null,
                Fused.NOTHING))
        .execute(
            x.data().addressPointer(),
            all.packed().values(),
            all.bias(),
            null,
            result.data().addressPointer());
  }

  @Override
  public void close() {
    packed.values().forEach(PackedWeight::close);
    packed.clear();
    joined.values().forEach(JoinedWeights::close);
    joined.clear();
    weights.clear();
  }
}
