package dev.headlamp.hooks.report.attention;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;

/** Numbers as a script unpacks them: float32, little-endian, in Base64. */
final class PackedFloats {

  private PackedFloats() {}

  /**
   * Packs the upper left corner of each of several square matrices.
   *
   * @param matrices one behind the other, {@code [matrix, side, side]}
   * @param corner the side of the corner
   */
  static String cornersOf(double[] matrices, int side, int corner) {
    int count = matrices.length / (side * side);
    ByteBuffer bytes =
        ByteBuffer.allocate(count * corner * corner * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int matrix = 0; matrix < count; matrix++) {
      for (int row = 0; row < corner; row++) {
        int start = (matrix * side + row) * side;
        for (int column = 0; column < corner; column++) {
          bytes.putFloat((float) matrices[start + column]);
        }
      }
    }
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
