package io.noetl.config;

/**
 * The mcp tool of a worker.
 *
 * @param resultErrors what a result means that the provider marks as an error
 */
public record McpConfig(ResultErrors resultErrors) {

  /** What a result with {@code isError} means. */
  public enum ResultErrors {
    /** A result as any other. */
    IGNORE,
    /** A soft error. */
    FAIL
  }

  static McpConfig from(Values values) {
    return new McpConfig(
        values.choice(
            "result-errors",
            ResultErrors.IGNORE,
            ResultErrors.class,
            "What a result with isError means"));
  }

  /** The values that hold when nothing is set. */
  public static McpConfig defaults() {
    return from(Values.defaults("mcp"));
  }
}
