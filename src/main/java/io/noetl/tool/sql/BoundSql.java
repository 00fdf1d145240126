package io.noetl.tool.sql;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One statement that is ready to run.
 *
 * @param sql with {@code ?} for each value
 * @param values in the order of the question marks
 * @param prepared whether question marks are placeholders; else the text is taken as it is
 */
public record BoundSql(String sql, List<@Nullable Object> values, boolean prepared) {
  public BoundSql {
    values = Collections.unmodifiableList(new ArrayList<>(values));
  }
}
