package dev.headlamp.hooks.paths;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.hooks.report.Axis;
import java.util.ArrayList;
import java.util.List;

/** Every head and MLP of a model, layer by layer: the senders of a sweep. */
final class SenderGrid {

  private SenderGrid() {}

  /** Returns the senders in the order of a result, which is that of their writes. */
  static List<Sender> senders(Gpt2Config config) {
    List<Sender> senders = new ArrayList<>();
    for (int layer = 0; layer < config.nLayers(); layer++) {
      for (int head = 0; head < config.nHeads(); head++) {
        senders.add(Sender.head(layer, head));
      }
      senders.add(Sender.mlp(layer));
    }
    return senders;
  }

  /** Returns the axes of a result: the layer, then the heads by number and the MLP. */
  static List<Axis> axes(Gpt2Config config) {
    List<String> heads = new ArrayList<>(Axis.numbered("head", config.nHeads()).labels());
    heads.add("mlp");
    return List.of(Axis.numbered("layer", config.nLayers()), new Axis("head", heads));
  }
}
