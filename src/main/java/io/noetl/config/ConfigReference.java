package io.noetl.config;

/** The table of all keys, made from the records. */
public final class ConfigReference {
  private ConfigReference() {}

  /** One Markdown row per key: key, name in the environment, default, meaning. */
  public static String markdown() {
    StringBuilder table =
        new StringBuilder(
            """
            | key | environment | default | meaning | written as |
            |---|---|---|---|---|
            """);
    for (Entry entry : ConfigLoader.reference()) {
      table
          .append("| `")
          .append(entry.key())
          .append("` | `")
          .append(entry.environmentName())
          .append("` | ")
          .append(entry.defaultValue().isEmpty() ? "" : "`" + entry.defaultValue() + "`")
          .append(" | ")
          .append(entry.about())
          .append(" | ")
          .append(entry.type())
          .append(" |\n");
    }
    return table.toString();
  }
}
