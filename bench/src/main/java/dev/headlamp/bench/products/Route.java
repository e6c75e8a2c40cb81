package dev.headlamp.bench.products;

/** The ways from Java to a product of two float32 matrices. */
public enum Route {
  /** oneDNN's sgemm. */
  ONEDNN_SGEMM("oneDNN sgemm") {
    @Override
    Product open(int rows) {
      return new OneDnnSgemm(rows);
    }
  },
  /** oneDNN's matmul, the second factor in the order that it likes best. */
  ONEDNN_PACKED("oneDNN matmul, packed") {
    @Override
    Product open(int rows) {
      return new OneDnnPacked(rows);
    }
  },
  /** The OpenBLAS that nd4j-native brings, called by JavaCPP. */
  OPENBLAS("OpenBLAS by JavaCPP") {
    @Override
    Product open(int rows) {
      return new OpenBlasSgemm(rows);
    }
  },
  /** ND4J's mmuli on transposed views, which needs no copy of the result. */
  ND4J("ND4J mmuli") {
    @Override
    Product open(int rows) {
      return new Nd4jProduct(rows);
    }
  };

  private final String text;

  Route(String text) {
    this.text = text;
  }

  /** Returns what the table calls it. */
  String text() {
    return text;
  }

  /** Returns a product of {@code [rows, 768]} and {@code [768, 2304]} matrices. */
  abstract Product open(int rows);
}
