package io.noetl.policy;

/**
 * One thing that is wrong with a document.
 *
 * @param path where, such as {@code rules[3].effect}; empty for the whole
 */
public record Fault(String path, String message) {
  @Override
  public String toString() {
    return path.isEmpty() ? message : path + ": " + message;
  }
}
