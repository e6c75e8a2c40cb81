package dev.headlamp.hooks.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;

/** Results as JSON; see {@link ArrayFiles#writeJson}. */
final class JsonFormat {

  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonFormat() {}

  /** Writes the document and leaves {@code out} open. */
  static void write(Map<String, String> metadata, List<LabelledArray> arrays, OutputStream out)
      throws IOException {
    try (JsonGenerator json =
        FACTORY.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
      json.writeStartObject();
      json.writeObjectFieldStart("metadata");
      for (Map.Entry<String, String> entry : metadata.entrySet()) {
        json.writeStringField(entry.getKey(), entry.getValue());
      }
      json.writeEndObject();
      json.writeArrayFieldStart("arrays");
      for (LabelledArray array : arrays) {
        writeArray(json, array);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void writeArray(JsonGenerator json, LabelledArray array) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", array.name());
    json.writeStringField("unit", array.unit());
    json.writeFieldName("shape");
    json.writeArray(array.shape(), 0, array.shape().length);
    writeAxes(json, array);
    json.writeFieldName("values");
    writeNested(json, array.values(), array.shape(), 0, 0);
    json.writeEndObject();
  }

  /** Returns what is to be said of the numbers: {@code {"unit", "axes": [..]}}. */
  static String description(LabelledArray array) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("unit", array.unit());
      writeAxes(json, array);
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void writeAxes(JsonGenerator json, LabelledArray array) throws IOException {
    json.writeArrayFieldStart("axes");
    for (Axis axis : array.axes()) {
      json.writeStartObject();
      json.writeStringField("name", axis.name());
      json.writeFieldName("labels");
      json.writeArray(axis.labels().toArray(String[]::new), 0, axis.length());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Writes the values below one index of the outer {@code axis} axes; returns where they end. */
  private static int writeNested(
      JsonGenerator json, double[] values, int[] shape, int axis, int offset) throws IOException {
    if (axis == shape.length) {
      writeNumber(json, values[offset]);
      return offset + 1;
    }
    json.writeStartArray();
    int next = offset;
    for (int i = 0; i < shape[axis]; i++) {
      next = writeNested(json, values, shape, axis + 1, next);
    }
    json.writeEndArray();
    return next;
  }

  private static void writeNumber(JsonGenerator json, double value) throws IOException {
    if (Double.isNaN(value)) {
      json.writeNull();
    } else if (Double.isInfinite(value)) {
      json.writeString(Double.toString(value));
    } else {
      json.writeNumber(value);
    }
  }
}
