package dev.headlamp.engine;

import dev.headlamp.engine.WeightProcessing.Step;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Processed weights, and activations and logits of processed models, against TransformerLens'. */
class ProcessedReferenceTest {

  /** TransformerLens computed both in float32. */
  private static final double TOLERANCE = 1e-4;

  private static final double WEIGHT_TOLERANCE = 1e-6;

  @ParameterizedTest
  @CsvSource({
    "fold_ln, FLOAT", "fold_ln, DOUBLE",
    "center_writing, FLOAT", "center_writing, DOUBLE",
    "center_unembed, FLOAT", "center_unembed, DOUBLE",
    "fold_value_biases, FLOAT", "fold_value_biases, DOUBLE",
    "all, FLOAT", "all, DOUBLE",
    "course, FLOAT", "course, DOUBLE"
  })
  void aProcessedModelHoldsWhatTransformerLensHolds(String reference, DataType type)
      throws IOException {
    try (SafetensorsFile file =
            SafetensorsFile.open(Fixtures.file("tiny", "processed.safetensors"));
        Gpt2 loaded = Gpt2.load(Fixtures.model("tiny"), type, processing(reference));
        Gpt2 raw = Gpt2.load(Fixtures.model("tiny"), type);
        Gpt2 processed = raw.processed(processing(reference))) {
      compare(reference + " at load, " + type, file, reference + ".", loaded);
      compare(reference + " after loading, " + type, file, reference + ".", processed);
    }
  }

  private static WeightProcessing processing(String reference) {
    return switch (reference) {
      case "fold_ln" -> WeightProcessing.of(Step.FOLD_LN);
      case "center_writing" -> WeightProcessing.of(Step.CENTER_WRITING_WEIGHTS);
      case "center_unembed" -> WeightProcessing.of(Step.CENTER_UNEMBED);
      case "fold_value_biases" -> WeightProcessing.of(Step.FOLD_VALUE_BIASES);
      case "all" -> WeightProcessing.transformerLens();
      case "course" -> WeightProcessing.course();
      default -> throw new IllegalArgumentException(reference);
    };
  }

  private static void compare(String subject, SafetensorsFile file, String prefix, Gpt2 model)
      throws IOException {
    RecordingTap recorded = RecordingTap.everything();
    INDArray logits =
        model.run(RunSpec.of(References.tokens(file, "tokens")).withTap(recorded)).logits();
    Differences activations = new Differences(subject + ", activations");
    activations.add("logits", file.read(prefix + "logits"), logits);
    for (String name : names(file, prefix + "blocks.")) {
      HookPoint point = HookPoint.parse(name.substring(prefix.length()), model.config());
      activations.add(name, expected(file, name, point, model), recorded.get(point));
    }
    activations.assertAtMost(TOLERANCE);
    List<String> weights = names(file, prefix + "weights.");
    if (!weights.isEmpty()) {
      Differences differences = new Differences(subject + ", weights");
      for (String name : weights) {
        differences.add(name, file.read(name), weight(name.substring(prefix.length()), model));
      }
      differences.assertAtMost(WEIGHT_TOLERANCE);
    }
  }

  /**
   * TransformerLens 3, which the reference is from, has {@code hook_normalized} before gain and
   * bias; version 2, which everybody's notebooks are written for, and this engine have it after.
   */
  private static INDArray expected(SafetensorsFile file, String name, HookPoint point, Gpt2 model)
      throws IOException {
    INDArray value = file.read(name);
    if (point.activation() != Activation.LN1_NORMALIZED) {
      return value;
    }
    LayerNormWeights norm = model.weights().blocks().get(point.layer()).ln1();
    return value.mul(norm.gain()).addi(norm.bias());
  }

  private static List<String> names(SafetensorsFile file, String prefix) {
    return file.names().stream().filter(name -> name.startsWith(prefix)).toList();
  }

  /**
   * Returns a weight by TransformerLens' name, {@code weights.blocks.1.W_Q}, in its shape there.
   */
  private static INDArray weight(String name, Gpt2 model) {
    String[] parts = name.split("\\.", -1);
    BlockWeights block = model.weights().blocks().get(Integer.parseInt(parts[2]));
    int heads = model.config().nHeads();
    int dHead = model.config().dHead();
    int dModel = model.config().dModel();
    Function<INDArray, INDArray> perHead =
        w -> w.reshape('c', dModel, heads, dHead).permute(1, 0, 2);
    return switch (parts[3]) {
      case "W_Q" -> perHead.apply(block.wQ());
      case "W_V" -> perHead.apply(block.wV());
      case "W_O" -> block.wO().reshape('c', heads, dHead, dModel);
      case "b_Q" -> block.bQ().reshape('c', heads, dHead);
      case "b_V" -> block.bV().reshape('c', heads, dHead);
      case "b_O" -> block.bO();
      case "W_in" -> block.wIn();
      case "b_in" -> block.bIn();
      case "W_out" -> block.wOut();
      case "b_out" -> block.bOut();
      default -> throw new IllegalArgumentException(name);
    };
  }
}
