package io.noetl.tool.transfer;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.postgres.PgConnection;
import io.noetl.tool.postgres.PgRows;
import io.noetl.tool.postgres.PgValues;
import io.noetl.tool.sql.Bytes;
import io.noetl.tool.sql.Canceller;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Of PostgreSQL. The pool rolls back what was not committed. */
final class PgTarget extends SqlTarget {
  private static final String PRIMARY_KEY =
      """
      select a.attname
      from pg_catalog.pg_index i
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
      where i.indrelid = ?::regclass and i.indisprimary
      order by array_position(i.indkey::int2[], a.attnum)
      """;

  private final PgConnection on;

  PgTarget(PgConnection on, Canceller canceller, TransferPlan plan) throws SQLException {
    super(ToolKind.POSTGRES, on.connection(), canceller, plan);
    this.on = on;
  }

  @Override
  List<Column> columns(ResultSet none) throws SQLException {
    PgRows shape = new PgRows(on.connection(), on.arrays(), none, Bytes.RAW);
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < shape.columns().size(); i++) {
      columns.add(new Column(shape.columns().get(i), shape.json(i), shape.array(i)));
    }
    return columns;
  }

  @Override
  String primaryKeySql() {
    return PRIMARY_KEY;
  }

  @Override
  void bindRow(PreparedStatement statement, List<Column> into, List<@Nullable Object> values)
      throws SQLException {
    for (int i = 0; i < values.size(); i++) {
      PgValues.bind(statement, i + 1, values.get(i), into.get(i).array());
    }
  }

  @Override
  void bind(PreparedStatement statement, List<@Nullable Object> values) throws SQLException {
    PgValues.bind(statement, values);
  }
}
