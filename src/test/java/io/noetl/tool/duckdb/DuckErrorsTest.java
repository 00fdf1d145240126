package io.noetl.tool.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileNotFoundException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class DuckErrorsTest {
  @Test
  void missingLibrarySaysWhereAndWhy() {
    LinkageError problem =
        new ExceptionInInitializerError(
            new IllegalStateException(new FileNotFoundException("libduckdb_java.so not found")));

    assertThat(DuckErrors.unavailable(problem))
        .containsEntry("code", "DUCKDB_UNAVAILABLE")
        .hasEntrySatisfying(
            "message",
            text ->
                assertThat((String) text)
                    .startsWith("DuckDB is not available on this machine (")
                    .endsWith("): libduckdb_java.so not found"));
  }

  @Test
  void fileThatAnotherProcessHoldsMayBeTriedAgain() {
    assertThat(DuckErrors.of(new SQLException("IO Error: Could not set lock on file \"x\"")))
        .containsEntry("retryable", true)
        .containsEntry("kind", "database")
        .containsEntry("code", "DUCKDB");
    assertThat(DuckErrors.of(new SQLException("Parser Error: x")))
        .containsEntry("retryable", false);
  }
}
