package io.noetl.result;

import io.noetl.archive.EventRecall;
import io.noetl.execution.KnownData.Iterations;
import io.noetl.execution.KnownData.Known;
import io.noetl.execution.KnownData.Missing;
import io.noetl.execution.KnownData.Value;
import io.noetl.execution.NewResult;
import io.noetl.execution.ResultUris;
import io.noetl.execution.ResultUris.Address;
import io.noetl.journal.ResultVault;
import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.value.DataSource;
import io.noetl.playbook.value.References;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Data out of line for the lanes of a server. Safe for use by many threads. */
public final class StoredResults implements ResultVault {
  /** Each load may hold a whole result in memory, so few run at once. */
  private static final int LOADS = 4;

  private static final Set<String> COLUMNS =
      Set.of(
          References.URI, "kind", References.STORE, "scope", References.BYTES, "sha", "media_type");

  private final Database database;
  private final ResultStore store;
  private final ResultLimits limits;
  private final ResultCache cache;
  private final LoopValues loops;
  private final Semaphore loads = new Semaphore(LOADS);

  /** Where nothing is archived. */
  public StoredResults(Database database, ResultLimits limits) {
    this(database, limits, EventRecall.NONE);
  }

  /**
   * @param recall brings archived events back: values of loops are made of events
   */
  public StoredResults(Database database, ResultLimits limits, EventRecall recall) {
    this.database = database;
    this.store = new ResultStore(database);
    this.limits = limits;
    this.cache = new ResultCache(limits.cacheBytes());
    this.loops = new LoopValues(limits.resultBytes(), recall);
  }

  public ResultLimits limits() {
    return limits;
  }

  @Override
  public int maxReferences() {
    return limits.maxReferences();
  }

  @Override
  public @Nullable Known cached(String tenantId, String uri) {
    return cache.get(tenantId, uri);
  }

  @Override
  public Known load(String tenantId, String uri) throws SQLException {
    Known known = cache.get(tenantId, uri);
    if (known != null) {
      return known;
    }
    loads.acquireUninterruptibly();
    try (Connection connection = database.dataSource(Pool.READ).getConnection()) {
      return load(connection, tenantId, uri);
    } finally {
      loads.release();
    }
  }

  /** As {@link #load}, for callers that know no SQL. */
  public Known value(String tenantId, String uri) {
    return database.autocommit(Pool.READ, connection -> load(connection, tenantId, uri));
  }

  /** The data behind references of a tenant; a call blocks its thread. */
  public DataSource of(String tenantId) {
    return reference -> {
      String uri = References.uri(reference);
      Known known =
          uri == null ? new Missing("Expected a uri in a reference") : value(tenantId, uri);
      return switch (known) {
        case Value(Object data) -> data;
        case Missing(String sentence) -> throw new TemplateException(sentence);
        case Iterations _ ->
            throw new TemplateException("Expected the loop of " + uri + " to have ended");
      };
    };
  }

  private Known load(Connection connection, String tenantId, String uri) throws SQLException {
    Address address = ResultUris.parse(uri);
    if (address == null) {
      return new Missing("Expected a reference to a result, but got '" + uri + "'");
    }
    if (address.loop()) {
      LoopValues.Read read =
          loops.read(connection, tenantId, address, inner -> load(connection, tenantId, inner));
      if (read.complete() && read.known() instanceof Value value) {
        cache.put(tenantId, uri, value, read.bytes());
      }
      return read.known();
    }
    Optional<StoredResult> found =
        ResultStore.find(connection, tenantId, address.executionId(), address.id());
    if (found.isEmpty()) {
      return new Missing("Expected the result " + uri + ", but there is none");
    }
    if (found.get().bytes() > limits.resultBytes()) {
      return new Missing(
          "Expected data of at most "
              + limits.resultBytes()
              + " bytes (limits.result-body) in a template, but the result "
              + uri
              + " has "
              + found.get().bytes()
              + ": name what is needed in output.select, or read it by its reference");
    }
    byte[] content =
        found.get().expired() ? null : ResultStore.content(connection, tenantId, found.get());
    if (content == null) {
      return new Missing("Expected the result " + uri + ", but its time is over");
    }
    try {
      Value value = new Value(Json.parse(content));
      cache.put(tenantId, uri, value, content.length);
      return value;
    } catch (JsonException e) {
      return new Missing("Expected the result " + uri + " to be JSON, but it is not");
    }
  }

  @Override
  public void store(String tenantId, long executionId, List<NewResult> results)
      throws SQLException {
    try (Connection connection = database.dataSource(Pool.APPEND).getConnection()) {
      for (NewResult result : results) {
        Map<String, @Nullable Object> meta = new LinkedHashMap<>(result.reference());
        meta.keySet().removeAll(COLUMNS);
        store.put(
            connection,
            new NewStoredResult(
                result.resultId(),
                executionId,
                tenantId,
                result.name(),
                result.step(),
                null,
                0,
                "execution",
                "application/json",
                result.json(),
                null,
                meta));
      }
    }
  }
}
