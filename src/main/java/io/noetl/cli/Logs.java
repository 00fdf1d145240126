package io.noetl.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.logging.LogManager;

/** Where log lines go when the JVM was told nothing: one line each to stderr. */
final class Logs {
  private Logs() {}

  static void configure() {
    if (System.getProperty("java.util.logging.config.file") != null
        || System.getProperty("java.util.logging.config.class") != null) {
      return;
    }
    try (InputStream settings =
        Logs.class.getClassLoader().getResourceAsStream("logging.properties")) {
      if (settings != null) {
        LogManager.getLogManager().readConfiguration(settings);
      }
    } catch (IOException e) {
      throw new IllegalStateException("Expected to read logging.properties, but it is broken", e);
    }
  }
}
