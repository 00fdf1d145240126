package io.noetl.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** Where log lines go when the JVM was told nothing: one line each to stderr. */
final class Logs {
  // Held, because the log manager forgets a logger that nobody holds, and its level with it.
  private static final Logger OURS = Logger.getLogger("io.noetl");

  private Logs() {}

  static void configure() {
    if (told()) {
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

  /** From now on only what is wrong: whoever runs one playbook is not watching a server. */
  static void onlyTrouble() {
    if (!told()) {
      OURS.setLevel(Level.WARNING);
    }
  }

  private static boolean told() {
    return System.getProperty("java.util.logging.config.file") != null
        || System.getProperty("java.util.logging.config.class") != null;
  }
}
