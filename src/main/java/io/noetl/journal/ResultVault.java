package io.noetl.journal;

import io.noetl.execution.KnownData.Known;
import io.noetl.execution.NewResult;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Data out of line, as lanes need it. Safe for use by many threads. */
public interface ResultVault {

  /** What is at hand; null when it must be loaded. Never blocks. */
  @Nullable Known cached(String tenantId, String uri);

  /**
   * Gets data, or the reason why it cannot be had. Blocks.
   *
   * @throws SQLException when the database cannot be reached: asked again, it may answer
   */
  Known load(String tenantId, String uri) throws SQLException;

  /** Stores what a decision has made, before its events are appended. */
  void store(String tenantId, long executionId, List<NewResult> results) throws SQLException;

  /** Most references that one decision may resolve; beyond, templates that touch more fail. */
  int maxReferences();
}
