package dev.headlamp.weights;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;

/** The element types of safetensors that can be read and written, widest alignment first. */
enum Dtype {
  I64(8, DataType.INT64, DataType.INT64),
  F64(8, DataType.DOUBLE, DataType.DOUBLE),
  F32(4, DataType.FLOAT, DataType.FLOAT),
  I32(4, DataType.INT32, DataType.INT32),
  BF16(2, DataType.BFLOAT16, DataType.FLOAT),
  F16(2, DataType.FLOAT16, DataType.FLOAT),
  I16(2, DataType.INT16, DataType.INT16),
  I8(1, DataType.INT8, DataType.INT8),
  U8(1, DataType.UINT8, DataType.UINT8),
  BOOL(1, DataType.BOOL, DataType.BOOL);

  private static final Map<String, Dtype> BY_NAME =
      Stream.of(values()).collect(Collectors.toMap(Dtype::name, dtype -> dtype));

  private final int width;
  private final DataType stored;
  private final DataType read;

  Dtype(int width, DataType stored, DataType read) {
    this.width = width;
    this.stored = stored;
    this.read = read;
  }

  static Optional<Dtype> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  static Optional<Dtype> of(DataType stored) {
    return Stream.of(values()).filter(dtype -> dtype.stored == stored).findFirst();
  }

  /** Returns the bytes that one element takes. */
  int width() {
    return width;
  }

  /** Returns ND4J's type of the same bits. */
  DataType stored() {
    return stored;
  }

  /** Returns the type of array that a tensor is read into: half precision is widened. */
  DataType read() {
    return read;
  }

  boolean isFloating() {
    return stored.isFPType();
  }
}
