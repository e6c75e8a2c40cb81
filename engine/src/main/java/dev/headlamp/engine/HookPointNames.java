package dev.headlamp.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the names of points that the field's users type. */
final class HookPointNames {

  private static final Pattern FULL_IN_BLOCK = Pattern.compile("blocks\\.(-?\\d{1,9})\\.(.+)");
  private static final Pattern SHORT_IN_BLOCK =
      Pattern.compile("([a-z_]+?)(-?\\d{1,9})(ln1|ln2|a|attn|attention|m|mlp|b|block|blocks)?");
  private static final int SUGGESTIONS = 3;

  private static final Map<String, String> ALIASES =
      Map.of(
          "attn", "pattern",
          "attn_logits", "attn_scores",
          "key", "k",
          "query", "q",
          "value", "v",
          "mlp_pre", "pre",
          "mlp_post", "post");

  private static final Map<String, Activation> IN_BLOCK = new HashMap<>();
  private static final Map<String, Activation> IN_MODEL = new HashMap<>();
  private static final Map<String, Activation> SHORT = new HashMap<>();

  static {
    for (Activation activation : Activation.values()) {
      if (activation.perLayer()) {
        IN_BLOCK.put(activation.nameTemplate().substring("blocks.{l}.".length()), activation);
        // ln1 and ln2 share their short names: those need the layer norm's name behind the layer.
        boolean ambiguous = activation.nameTemplate().contains(".ln");
        SHORT.put(activation.shortName() + (ambiguous ? layerNormOf(activation) : ""), activation);
      } else {
        IN_MODEL.put(activation.nameTemplate(), activation);
      }
    }
    IN_MODEL.put("embed", Activation.EMBED);
    IN_MODEL.put("pos_embed", Activation.POS_EMBED);
    IN_MODEL.put("scale", Activation.LN_FINAL_SCALE);
    IN_MODEL.put("normalized", Activation.LN_FINAL_NORMALIZED);
  }

  private HookPointNames() {}

  private static String layerNormOf(Activation activation) {
    return activation.nameTemplate().contains(".ln1.") ? "ln1" : "ln2";
  }

  static HookPoint parse(String name, Gpt2Config config) {
    String trimmed = name.strip();
    Activation global = IN_MODEL.get(trimmed);
    if (global != null) {
      return HookPoint.of(global);
    }
    Matcher full = FULL_IN_BLOCK.matcher(trimmed);
    if (full.matches()) {
      return inBlock(name, IN_BLOCK.get(full.group(2)), full.group(1), config);
    }
    Matcher brief = SHORT_IN_BLOCK.matcher(trimmed);
    if (brief.matches()) {
      String kind = ALIASES.getOrDefault(brief.group(1), brief.group(1));
      String suffix = brief.group(3) == null ? "" : brief.group(3);
      Activation activation = SHORT.get(kind + (suffix.startsWith("ln") ? suffix : ""));
      return inBlock(name, activation, brief.group(2), config);
    }
    throw unknown(name, config);
  }

  private static HookPoint inBlock(
      String name,
      @org.jspecify.annotations.Nullable Activation kind,
      String layerText,
      Gpt2Config config) {
    if (kind == null) {
      throw unknown(name, config);
    }
    int layer = Integer.parseInt(layerText);
    int fromStart = layer < 0 ? layer + config.nLayers() : layer;
    if (fromStart < 0 || fromStart >= config.nLayers()) {
      throw new IllegalArgumentException("no point '" + name + "': " + config.layerRule(layer));
    }
    return HookPoint.of(kind, fromStart);
  }

  private static IllegalArgumentException unknown(String name, Gpt2Config config) {
    String wanted = name.strip().toLowerCase(Locale.ROOT);
    List<String> nearest =
        new ArrayList<>(HookPoint.all(config).stream().map(HookPoint::name).toList());
    nearest.sort(Comparator.comparingInt(candidate -> distance(wanted, candidate)));
    return new IllegalArgumentException(
        "no point '"
            + name
            + "' in "
            + config.name()
            + "; the nearest are "
            + String.join(", ", nearest.subList(0, SUGGESTIONS)));
  }

  /** Returns the edit distance between what was typed and a name, or that name's last part. */
  private static int distance(String typed, String name) {
    String tail = name.substring(name.lastIndexOf('.') + 1);
    return Math.min(editDistance(typed, name), editDistance(typed, tail) + 1);
  }

  private static int editDistance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
