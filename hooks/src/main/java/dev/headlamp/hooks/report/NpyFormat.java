package dev.headlamp.hooks.report;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * One result as {@code .npy}; see {@link ArrayFiles#writeNpy}. The layout is that of NumPy's
 * "numpy.lib.format": magic, version, the length of the header, the header as a Python dictionary
 * padded until the data starts at a multiple of 64, the data.
 */
final class NpyFormat {

  private static final byte[] MAGIC_AND_VERSION = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  private static final int PREFIX = MAGIC_AND_VERSION.length + Short.BYTES;
  private static final int ALIGNMENT = 64;

  private NpyFormat() {}

  static void write(LabelledArray array, OutputStream out) throws IOException {
    byte[] header = header(array.shape());
    out.write(MAGIC_AND_VERSION);
    out.write(header.length & 0xff);
    out.write(header.length >> 8);
    out.write(header);
    byte[] bytes = new byte[Double.BYTES];
    ByteBuffer littleEndian = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : array.values()) {
      littleEndian.putDouble(0, value);
      out.write(bytes);
    }
  }

  private static byte[] header(int[] shape) {
    // Python writes a tuple of one with a comma after it: (3,).
    String tuple =
        Arrays.stream(shape).mapToObj(Integer::toString).collect(Collectors.joining(", ", "(", ""))
            + (shape.length == 1 ? ",)" : ")");
    String header = "{'descr': '<f8', 'fortran_order': False, 'shape': " + tuple + ", }";
    int unpadded = PREFIX + header.length() + 1;
    int padding = (ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT;
    return (header + " ".repeat(padding) + "\n").getBytes(US_ASCII);
  }
}
