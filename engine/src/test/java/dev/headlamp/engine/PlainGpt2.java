package dev.headlamp.engine;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * GPT-2's formulas written out in plain loops: one prompt, float64, no batch axis, any point
 * editable. What the engine's edits are checked against.
 */
final class PlainGpt2 {

  /** Changes the value of a point, whose elements it is given with the last axis fastest. */
  interface Edit {
    double[] apply(HookPoint point, double[] value);
  }

  private final Gpt2Config config;
  private final Gpt2Weights weights;
  private final Edit edit;
  private final int length;

  private PlainGpt2(Gpt2 model, int length, Edit edit) {
    this.config = model.config();
    this.weights = model.weights();
    this.length = length;
    this.edit = edit;
  }

  /** Returns the logits {@code [pos, d_vocab]} of one prompt. */
  static double[] logits(Gpt2 model, int[] prompt, Edit edit) {
    return new PlainGpt2(model, prompt.length, edit).run(prompt);
  }

  private double[] run(int[] prompt) {
    int[] positions = new int[length];
    Arrays.setAll(positions, i -> i);
    double[] embedded = at(Activation.EMBED, rows(weights.wE(), prompt));
    double[] positional = at(Activation.POS_EMBED, rows(weights.wPos(), positions));
    double[] residual = sum(embedded, positional);
    for (int layer = 0; layer < config.nLayers(); layer++) {
      residual = block(layer, at(Activation.RESID_PRE, layer, residual));
    }
    double[] scale = at(Activation.LN_FINAL_SCALE, scales(residual));
    double[] normalized =
        at(Activation.LN_FINAL_NORMALIZED, normalize(residual, scale, weights.lnFinal()));
    double[] input = at(Activation.UNEMBED_IN, normalized);
    INDArray unembedding = weights.unembedding().transpose();
    return at(Activation.UNEMBED_OUT, linear(input, Values.of(unembedding), config.dVocab()));
  }

  private double[] block(int layer, double[] residPre) {
    BlockWeights w = weights.blocks().get(layer);
    double[] attnOut = at(Activation.ATTN_OUT, layer, attention(layer, w, residPre));
    double[] residMid = at(Activation.RESID_MID, layer, sum(residPre, attnOut));
    double[] mlpIn = at(Activation.MLP_IN, layer, residMid);
    double[] scale = at(Activation.LN2_SCALE, layer, scales(mlpIn));
    double[] normalized = at(Activation.LN2_NORMALIZED, layer, normalize(mlpIn, scale, w.ln2()));
    double[] pre =
        at(Activation.MLP_PRE, layer, affine(normalized, Values.of(w.wIn()), Values.of(w.bIn())));
    double[] post =
        at(Activation.MLP_POST, layer, Arrays.stream(pre).map(PlainGpt2::gelu).toArray());
    double[] mlpOut =
        at(Activation.MLP_OUT, layer, affine(post, Values.of(w.wOut()), Values.of(w.bOut())));
    return at(Activation.RESID_POST, layer, sum(residMid, mlpOut));
  }

  private double[] attention(int layer, BlockWeights w, double[] residPre) {
    double[] shared = at(Activation.ATTN_IN, layer, repeated(residPre));
    double[] qInput = at(Activation.Q_INPUT, layer, shared);
    double[] kInput = at(Activation.K_INPUT, layer, shared);
    double[] vInput = at(Activation.V_INPUT, layer, shared);
    double[] scale = at(Activation.LN1_SCALE, layer, scales(residPre));
    double[] normalized = at(Activation.LN1_NORMALIZED, layer, normalize(residPre, scale, w.ln1()));
    Reader reader = new Reader(residPre, normalized, w.ln1());
    double[] q = at(Activation.Q, layer, reader.read(qInput, w.wQ(), w.bQ()));
    double[] k = at(Activation.K, layer, reader.read(kInput, w.wK(), w.bK()));
    double[] v = at(Activation.V, layer, reader.read(vInput, w.wV(), w.bV()));
    double[] scores = at(Activation.ATTN_SCORES, layer, scores(q, k, config.scoreDivisor(layer)));
    double[] pattern = at(Activation.PATTERN, layer, softmax(scores));
    double[] z = at(Activation.Z, layer, mix(pattern, v));
    double[] result = at(Activation.RESULT, layer, results(z, Values.of(w.wO())));
    double[] out = new double[length * config.dModel()];
    for (int i = 0; i < result.length; i++) {
      int pos = i / (config.nHeads() * config.dModel());
      out[pos * config.dModel() + i % config.dModel()] += result[i];
    }
    return plusRow(out, Values.of(w.bO()));
  }

  /** Reads what a head is given; one whose input is the residual stream reads ln1's output. */
  private final class Reader {
    private final double[] residPre;
    private final double[] normalized;
    private final LayerNormWeights norm;

    Reader(double[] residPre, double[] normalized, LayerNormWeights norm) {
      this.residPre = residPre;
      this.normalized = normalized;
      this.norm = norm;
    }

    double[] read(double[] input, INDArray w, INDArray bias) {
      int dModel = config.dModel();
      int dHead = config.dHead();
      double[] all = new double[length * dModel];
      for (int pos = 0; pos < length; pos++) {
        for (int head = 0; head < config.nHeads(); head++) {
          int from = (pos * config.nHeads() + head) * dModel;
          double[] own = Arrays.copyOfRange(input, from, from + dModel);
          double[] stream = Arrays.copyOfRange(residPre, pos * dModel, (pos + 1) * dModel);
          double[] read =
              Arrays.equals(own, stream)
                  ? Arrays.copyOfRange(normalized, pos * dModel, (pos + 1) * dModel)
                  : normalize(own, scales(own), norm);
          double[] projected = affine(read, Values.of(w), Values.of(bias));
          System.arraycopy(projected, head * dHead, all, pos * dModel + head * dHead, dHead);
        }
      }
      return all;
    }
  }

  private double[] scores(double[] q, double[] k, double divisor) {
    int dHead = config.dHead();
    double[] scores = new double[config.nHeads() * length * length];
    for (int i = 0; i < scores.length; i++) {
      int head = i / (length * length);
      int dest = i / length % length;
      int src = i % length;
      for (int d = 0; d < dHead; d++) {
        scores[i] += q[at(dest, head, d)] * k[at(src, head, d)];
      }
      scores[i] = src > dest ? Double.NEGATIVE_INFINITY : scores[i] / divisor;
    }
    return scores;
  }

  private double[] mix(double[] pattern, double[] v) {
    double[] z = new double[v.length];
    for (int i = 0; i < pattern.length; i++) {
      int head = i / (length * length);
      for (int d = 0; d < config.dHead(); d++) {
        z[at(i / length % length, head, d)] += pattern[i] * v[at(i % length, head, d)];
      }
    }
    return z;
  }

  private int at(int pos, int head, int d) {
    return (pos * config.nHeads() + head) * config.dHead() + d;
  }

  private double[] softmax(double[] scores) {
    double[] pattern = new double[scores.length];
    for (int row = 0; row < scores.length; row += length) {
      double total = 0;
      for (int i = row; i < row + length; i++) {
        pattern[i] = Math.exp(scores[i]);
        total += pattern[i];
      }
      for (int i = row; i < row + length; i++) {
        pattern[i] /= total;
      }
    }
    return pattern;
  }

  private double[] results(double[] z, double[] wO) {
    int dModel = config.dModel();
    double[] results = new double[length * config.nHeads() * dModel];
    for (int i = 0; i < z.length; i++) {
      for (int j = 0; j < dModel; j++) {
        results[i / config.dHead() * dModel + j] += z[i] * wO[i % dModel * dModel + j];
      }
    }
    return results;
  }

  private double[] repeated(double[] x) {
    int dModel = config.dModel();
    double[] repeated = new double[x.length * config.nHeads()];
    for (int i = 0; i < repeated.length; i++) {
      repeated[i] = x[i / (config.nHeads() * dModel) * dModel + i % dModel];
    }
    return repeated;
  }

  private double[] scales(double[] x) {
    int width = config.dModel();
    double[] scales = new double[x.length / width];
    for (int row = 0; row < scales.length; row++) {
      double mean = mean(x, row);
      double variance = 0;
      for (int i = row * width; i < (row + 1) * width; i++) {
        variance += (x[i] - mean) * (x[i] - mean) / width;
      }
      scales[row] = Math.sqrt(variance + config.layerNormEpsilon());
    }
    return scales;
  }

  private double mean(double[] x, int row) {
    int width = config.dModel();
    return Arrays.stream(x, row * width, (row + 1) * width).sum() / width;
  }

  private double[] normalize(double[] x, double[] scales, LayerNormWeights norm) {
    int width = config.dModel();
    double[] gain = Values.of(norm.gain());
    double[] bias = Values.of(norm.bias());
    double[] normalized = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double centred = x[i] - mean(x, i / width);
      normalized[i] = centred / scales[i / width] * gain[i % width] + bias[i % width];
    }
    return normalized;
  }

  private static double[] linear(double[] x, double[] w, int out) {
    int in = w.length / out;
    double[] y = new double[x.length / in * out];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < out; j++) {
        y[i / in * out + j] += x[i] * w[i % in * out + j];
      }
    }
    return y;
  }

  private static double[] affine(double[] x, double[] w, double[] bias) {
    return plusRow(linear(x, w, bias.length), bias);
  }

  private static double[] plusRow(double[] x, double[] row) {
    double[] y = new double[x.length];
    Arrays.setAll(y, i -> x[i] + row[i % row.length]);
    return y;
  }

  private static double[] sum(double[] a, double[] b) {
    return plusRow(a, b);
  }

  private double[] rows(INDArray table, int[] indices) {
    double[] all = Values.of(table);
    int width = config.dModel();
    double[] rows = new double[indices.length * width];
    Arrays.setAll(rows, i -> all[indices[i / width] * width + i % width]);
    return rows;
  }

  private static double gelu(double x) {
    return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  private double[] at(Activation activation, double[] value) {
    return edit.apply(HookPoint.of(activation), value);
  }

  private double[] at(Activation activation, int layer, double[] value) {
    return edit.apply(HookPoint.of(activation, layer), value);
  }
}
