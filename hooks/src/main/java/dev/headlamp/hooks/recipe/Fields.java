package dev.headlamp.hooks.recipe;

/** The names in a recipe's file. */
final class Fields {

  static final String FORMAT = "format";
  static final String FORMAT_NAME = "headlamp interventions";
  static final String VERSION = "version";
  static final int CURRENT_VERSION = 1;

  static final String MODEL = "model";
  static final String NAME = "name";
  static final String LAYERS = "layers";
  static final String HEADS = "heads";
  static final String D_MODEL = "d_model";
  static final String D_MLP = "d_mlp";
  static final String D_VOCAB = "d_vocab";
  static final String PROCESSING = "processing";

  static final String ARRAYS = "arrays";
  static final String INTERVENTIONS = "interventions";
  static final String POINT = "point";
  static final String POSITIONS = "positions";
  static final String LAST = "last";
  static final String SOURCES = "sources";
  static final String NEURONS = "neurons";

  static final String KIND = "kind";
  static final String ZERO = "zero";
  static final String MEAN = "mean";
  static final String REPLACE = "replace";
  static final String ADD = "add";
  static final String SCALE = "scale";
  static final String NOISE = "noise";
  static final String KNOCK_OUT = "knock_out";

  static final String FROM = "from";
  static final String OVER = "over";
  static final String OVER_PROMPTS = "prompts";
  static final String OVER_ALL = "prompts and positions";
  static final String TEXTS = "texts";
  static final String BOS = "bos";
  static final String TOKENS = "tokens";
  static final String ARRAY = "array";
  static final String FACTOR = "factor";
  static final String STANDARD_DEVIATION = "standard_deviation";
  static final String SEED = "seed";

  private Fields() {}
}
