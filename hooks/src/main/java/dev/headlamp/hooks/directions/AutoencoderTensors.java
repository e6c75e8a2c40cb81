package dev.headlamp.hooks.directions;

import java.util.Optional;

/**
 * How a file keeps a sparse autoencoder of {@code d} entries and {@code f} features. Immutable.
 *
 * @param encoder the name of the encoder's weight
 * @param encoderBias the name of {@code [f]}
 * @param decoder the name of the decoder's weight
 * @param decoderBias the name of {@code [d]}
 * @param threshold the name of JumpReLU's thresholds, {@code [f]}; if empty, the tensor {@code
 *     threshold} where the file has one, and else ReLU
 * @param perOutput whether weights have a row for each output, as PyTorch's {@code Linear} keeps
 *     them, the encoder's {@code [f, d]} and the decoder's {@code [d, f]}; otherwise {@code [d, f]}
 *     and {@code [f, d]}
 * @param subtractsDecoderBias whether the encoder reads {@code x − b_dec} rather than {@code x}
 */
public record AutoencoderTensors(
    String encoder,
    String encoderBias,
    String decoder,
    String decoderBias,
    Optional<String> threshold,
    boolean perOutput,
    boolean subtractsDecoderBias) {

  /**
   * Returns the names of SAELens, {@code W_enc}, {@code b_enc}, {@code W_dec} and {@code b_dec},
   * for an encoder that reads {@code x}: its setting {@code apply_b_dec_to_input} is false.
   */
  public static AutoencoderTensors standard() {
    return new AutoencoderTensors(
        "W_enc", "b_enc", "W_dec", "b_dec", Optional.empty(), false, false);
  }

  /**
   * Returns the names of two PyTorch layers, {@code encoder.weight}, {@code encoder.bias} and
   * likewise the decoder's, for an encoder that reads {@code x}.
   */
  public static AutoencoderTensors linearLayers() {
    return new AutoencoderTensors(
        "encoder.weight",
        "encoder.bias",
        "decoder.weight",
        "decoder.bias",
        Optional.empty(),
        true,
        false);
  }

  /**
   * Returns this with an encoder that reads {@code x − b_dec} (Bricken et al. 2023, "Towards
   * Monosemanticity"); SAELens' {@code apply_b_dec_to_input} is true.
   */
  public AutoencoderTensors subtractingDecoderBias() {
    return new AutoencoderTensors(
        encoder, encoderBias, decoder, decoderBias, threshold, perOutput, true);
  }

  /** Returns this with thresholds that the file must have under the given name. */
  public AutoencoderTensors withThreshold(String name) {
    return new AutoencoderTensors(
        encoder,
        encoderBias,
        decoder,
        decoderBias,
        Optional.of(name),
        perOutput,
        subtractsDecoderBias);
  }
}
