package dev.headlamp.weights;

import java.util.List;
import java.util.Map;

/** A small JSON document in memory. Fields that are null are left out: null counts as absent. */
sealed interface JsonValue {

  record Fields(Map<String, JsonValue> values) implements JsonValue {
    @Override
    public String toString() {
      return "an object of " + values.size() + " fields";
    }
  }

  record Items(List<JsonValue> values) implements JsonValue {
    @Override
    public String toString() {
      return "a list of " + values.size();
    }
  }

  record Text(String value) implements JsonValue {
    private static final int LONGEST_SHOWN = 200;

    @Override
    public String toString() {
      return value.length() <= LONGEST_SHOWN
          ? "\"" + value + "\""
          : "\"" + value.substring(0, LONGEST_SHOWN) + "…\" of " + value.length() + " characters";
    }
  }

  /** A number as it is spelled, so that nothing is lost before its reader states a range. */
  record Numeral(String digits) implements JsonValue {
    @Override
    public String toString() {
      return digits;
    }
  }

  record Truth(boolean value) implements JsonValue {
    @Override
    public String toString() {
      return Boolean.toString(value);
    }
  }

  /** A null inside a list, where leaving it out would move what comes after it. */
  record Nothing() implements JsonValue {
    @Override
    public String toString() {
      return "null";
    }
  }
}
