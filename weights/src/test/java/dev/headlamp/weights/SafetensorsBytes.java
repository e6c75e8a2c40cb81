package dev.headlamp.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts safetensors files together by hand, right or wrong. */
final class SafetensorsBytes {

  private SafetensorsBytes() {}

  /** Returns a file whose header length is that of the header. */
  static byte[] of(String header, byte... data) {
    return of(header.getBytes(StandardCharsets.UTF_8), data);
  }

  static byte[] of(byte[] header, byte... data) {
    return withHeaderLength(header.length, header, data);
  }

  static byte[] withHeaderLength(long length, byte[] header, byte... data) {
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(header)
        .put(data)
        .array();
  }

  /** Returns one tensor's entry in a header. */
  static String entry(String name, String dtype, String shape, long begin, long end) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(name, dtype, shape, begin, end);
  }

  static SafetensorsFile open(Path folder, byte[] bytes) throws IOException {
    return SafetensorsFile.open(Files.write(folder.resolve("x.safetensors"), bytes));
  }
}
