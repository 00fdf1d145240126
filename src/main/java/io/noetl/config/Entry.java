package io.noetl.config;

/**
 * One key with the value in force.
 *
 * @param key such as {@code server.port}
 * @param value in force, masked when secret
 * @param source where the value came from; {@code default} when nobody set it
 * @param defaultValue in the form in which one writes it
 * @param type what may be written, such as {@code number} or {@code time}
 * @param about what the key is for, in one sentence
 */
public record Entry(
    String key, String value, String source, String defaultValue, String type, String about) {
  /** The name of the key in the environment. */
  public String environmentName() {
    return environmentName(key);
  }

  static String environmentName(String key) {
    StringBuilder name = new StringBuilder(ConfigLoader.ENVIRONMENT_PREFIX);
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      name.append(c == '.' || c == '-' ? '_' : Character.toUpperCase(c));
    }
    return name.toString();
  }
}
