package dev.headlamp.weights.hub;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What the hub answers about a revision of a model.
 *
 * @param commit the 40 hexadecimal digits of the commit
 * @param files the names of its files; as untrusted as the answer is
 */
record ModelInfo(String commit, Set<String> files) {

  /**
   * Reads {@code {"sha": …, "siblings": [{"rfilename": …}, …], …}}.
   *
   * @throws IOException when the text is not JSON, or no commit is in it
   */
  static ModelInfo parse(byte[] text) throws IOException {
    String commit = "";
    Set<String> files = new LinkedHashSet<>();
    try (JsonParser json = new JsonFactory().createParser(text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        JsonToken value = json.nextToken();
        if (field.equals("sha") && value == JsonToken.VALUE_STRING) {
          commit = json.getText();
        } else if (field.equals("siblings") && value == JsonToken.START_ARRAY) {
          readNames(json, files);
        } else {
          json.skipChildren();
        }
      }
    }
    if (!Revision.isCommit(commit)) {
      throw new IOException("it states no commit under \"sha\"");
    }
    return new ModelInfo(commit, files);
  }

  private static void readNames(JsonParser json, Set<String> names) throws IOException {
    while (json.nextToken() == JsonToken.START_OBJECT) {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean name = json.currentName().equals("rfilename");
        if (json.nextToken() == JsonToken.VALUE_STRING && name) {
          names.add(json.getText());
        } else {
          json.skipChildren();
        }
      }
    }
  }
}
