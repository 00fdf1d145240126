package io.noetl.playbook;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A loop of a step. Exactly one of {@code in} and {@code cursor} is set.
 *
 * @param in the collection as written: a native list, map or number, or template text
 * @param cursor the claim that feeds a cursor loop
 * @param iterator name of the item inside the body
 * @param mode order of iterations
 * @param maxInFlight as written (number or text, maybe a template); null = setting
 * @param frame {@code frame} options of a cursor loop as written; empty otherwise
 */
public record Loop(
    @Nullable Object in,
    @Nullable Cursor cursor,
    String iterator,
    Mode mode,
    @Nullable Object maxInFlight,
    Map<String, @Nullable Object> frame) {

  /** Order of iterations. */
  public enum Mode {
    SEQUENTIAL,
    PARALLEL,
    CURSOR
  }

  /**
   * Source of frames of rows.
   *
   * @param kind {@code postgres} or {@code duckdb}
   * @param claim the SQL that claims rows and returns them
   * @param fields the other fields as written, for example {@code auth}
   */
  public record Cursor(ToolKind kind, String claim, Map<String, @Nullable Object> fields) {}
}
