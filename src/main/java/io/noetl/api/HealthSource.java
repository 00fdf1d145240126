package io.noetl.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the process is, by whoever wires it. Answers at once, from what is known. */
public interface HealthSource {
  /** The role of the process, such as {@code server}. */
  String mode();

  /** Whether the database answers now. */
  boolean databaseAnswers();

  /** {@code ok}, {@code degraded} or {@code embedded}. */
  String bus();

  /** What must hold for the process to be ready, loops and their progress included. */
  List<Check> checks();

  /**
   * One condition.
   *
   * @param detail why it does not hold, or how far it is; null when there is nothing to say
   */
  record Check(String name, boolean ok, @Nullable String detail) {}
}
