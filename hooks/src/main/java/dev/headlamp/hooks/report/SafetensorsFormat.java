package dev.headlamp.hooks.report;

import dev.headlamp.weights.SafetensorsWriter;
import dev.headlamp.weights.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Results as safetensors; see {@link ArrayFiles#writeSafetensors}. */
final class SafetensorsFormat {

  private final List<LabelledArray> arrays;

  SafetensorsFormat(List<LabelledArray> arrays) {
    this.arrays = List.copyOf(arrays);
    List<String> names = arrays.stream().map(LabelledArray::name).toList();
    if (names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException(
          "results that share a safetensors file need names that differ, got " + names);
    }
  }

  void write(Path file) throws IOException {
    Map<String, String> descriptions = new LinkedHashMap<>();
    for (LabelledArray array : arrays) {
      descriptions.put(array.name(), JsonFormat.description(array));
    }
    List<TensorSpec> specs = arrays.stream().map(SafetensorsFormat::spec).toList();
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, specs, descriptions)) {
      for (LabelledArray array : arrays) {
        try (INDArray values = Nd4j.createFromArray(array.values())) {
          writer.put(array.name(), values.reshape(shape(array)));
        }
      }
      writer.commit();
    }
  }

  private static TensorSpec spec(LabelledArray array) {
    List<Long> shape = LongStream.of(shape(array)).boxed().toList();
    return new TensorSpec(array.name(), DataType.DOUBLE, shape);
  }

  private static long[] shape(LabelledArray array) {
    return array.axes().stream().mapToLong(Axis::length).toArray();
  }
}
