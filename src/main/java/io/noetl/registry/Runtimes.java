package io.noetl.registry;

import static io.noetl.postgres.generated.Tables.RUNTIME;
import static org.jooq.impl.DSL.currentInstant;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.JSON;
import org.jooq.Record;
import org.jooq.SelectField;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * Components in the database. Time is the database's. Safe for use by many threads; throws {@link
 * io.noetl.postgres.DatabaseException} when the database fails.
 */
public final class Runtimes {
  /** What a component says about itself, and takes over when it says it again. */
  private static final Map<Field<?>, Field<?>> REPLACED =
      Stream.of(
              RUNTIME.POOL,
              RUNTIME.URI,
              RUNTIME.STATUS,
              RUNTIME.LABELS,
              RUNTIME.CAPABILITIES,
              RUNTIME.CAPACITY,
              RUNTIME.RUNTIME_,
              RUNTIME.HOSTNAME,
              RUNTIME.PID)
          .collect(Collectors.toUnmodifiableMap(field -> field, DSL::excluded));

  private static final String STATUS_NOW = "status_now";

  private final Database database;
  private final KnownPools settings;
  private final LongSupplier ids;

  /** As the component said, unless it has been silent for too long. */
  private final Field<String> statusNow;

  private final List<SelectField<?>> columns;

  public Runtimes(Database database, KnownPools settings, LongSupplier ids) {
    this.database = database;
    this.settings = settings;
    this.ids = ids;
    Field<Boolean> silent =
        DSL.field(
            "heartbeat < now() - {0} * interval '1 millisecond'",
            Boolean.class, settings.offlineAfter().toMillis());
    this.statusNow = DSL.when(silent, RuntimeRecord.OFFLINE).otherwise(RUNTIME.STATUS);
    this.columns =
        List.of(
            RUNTIME.RUNTIME_ID,
            RUNTIME.NAME,
            RUNTIME.KIND,
            RUNTIME.POOL,
            RUNTIME.URI,
            statusNow.as(STATUS_NOW),
            RUNTIME.LABELS,
            RUNTIME.CAPABILITIES,
            RUNTIME.CAPACITY,
            RUNTIME.RUNTIME_,
            RUNTIME.HOSTNAME,
            RUNTIME.PID,
            RUNTIME.HEARTBEAT,
            RUNTIME.CREATED_AT,
            RUNTIME.UPDATED_AT);
  }

  public KnownPools settings() {
    return settings;
  }

  /**
   * Stores what the component says about itself; one of the same kind and name is replaced and
   * keeps its id. The caller has checked that the pool is known.
   */
  public RuntimeRecord register(String tenantId, RuntimeSpec spec) {
    return database.query(
        Pool.APPEND,
        dsl ->
            dsl.insertInto(RUNTIME)
                .set(RUNTIME.RUNTIME_ID, ids.getAsLong())
                .set(RUNTIME.TENANT_ID, tenantId)
                .set(RUNTIME.NAME, spec.name())
                .set(RUNTIME.KIND, spec.kind())
                .set(RUNTIME.POOL, spec.pool())
                .set(RUNTIME.URI, spec.uri())
                .set(RUNTIME.STATUS, spec.status())
                .set(RUNTIME.LABELS, JSON.jsonOrNull(spec.labelsJson()))
                .set(RUNTIME.CAPABILITIES, JSON.jsonOrNull(spec.capabilitiesJson()))
                .set(RUNTIME.CAPACITY, spec.capacity())
                .set(RUNTIME.RUNTIME_, JSON.jsonOrNull(spec.runtimeJson()))
                .set(RUNTIME.HOSTNAME, spec.hostname())
                .set(RUNTIME.PID, spec.pid())
                .set(RUNTIME.HEARTBEAT, currentInstant())
                .set(RUNTIME.CREATED_AT, currentInstant())
                .set(RUNTIME.UPDATED_AT, currentInstant())
                .onConflict(RUNTIME.TENANT_ID, RUNTIME.KIND, RUNTIME.NAME)
                .doUpdate()
                .set(REPLACED)
                .set(RUNTIME.HEARTBEAT, currentInstant())
                .set(RUNTIME.UPDATED_AT, currentInstant())
                .returningResult(columns)
                .fetchSingle(Runtimes::shown));
  }

  /**
   * The component lives.
   *
   * @return false when it is not registered
   */
  public boolean heartbeat(String tenantId, String kind, String name) {
    return database.query(
            Pool.APPEND,
            dsl ->
                dsl.update(RUNTIME)
                    .set(RUNTIME.HEARTBEAT, currentInstant())
                    .where(is(tenantId, kind, name))
                    .execute())
        > 0;
  }

  /**
   * Takes a component out.
   *
   * @return false when it was not registered
   */
  public boolean deregister(String tenantId, String kind, String name) {
    return database.query(
            Pool.APPEND, dsl -> dsl.deleteFrom(RUNTIME).where(is(tenantId, kind, name)).execute())
        > 0;
  }

  /** Components by kind and name; null means all. */
  public List<RuntimeRecord> list(
      String tenantId, @Nullable String kind, @Nullable String name, @Nullable String status) {
    Condition wanted = RUNTIME.TENANT_ID.eq(tenantId);
    if (kind != null) {
      wanted = wanted.and(RUNTIME.KIND.eq(kind));
    }
    if (name != null) {
      wanted = wanted.and(RUNTIME.NAME.eq(name));
    }
    if (status != null) {
      wanted = wanted.and(statusNow.eq(status));
    }
    Condition where = wanted;
    return database.query(
        Pool.READ,
        dsl ->
            dsl.select(columns)
                .from(RUNTIME)
                .where(where)
                .orderBy(RUNTIME.KIND, RUNTIME.NAME)
                .fetch(Runtimes::shown));
  }

  /** How many components of a kind live. */
  public int live(String tenantId, String kind) {
    return (int)
        list(tenantId, kind, null, null).stream()
            .filter(record -> !record.status().equals(RuntimeRecord.OFFLINE))
            .count();
  }

  private static Condition is(String tenantId, String kind, String name) {
    return RUNTIME.TENANT_ID.eq(tenantId).and(RUNTIME.KIND.eq(kind)).and(RUNTIME.NAME.eq(name));
  }

  private static RuntimeRecord shown(Record row) {
    return new RuntimeRecord(
        row.get(RUNTIME.RUNTIME_ID),
        row.get(RUNTIME.NAME),
        row.get(RUNTIME.KIND),
        row.get(RUNTIME.POOL),
        row.get(RUNTIME.URI),
        row.get(STATUS_NOW, String.class),
        text(row.get(RUNTIME.LABELS)),
        text(row.get(RUNTIME.CAPABILITIES)),
        row.get(RUNTIME.CAPACITY),
        text(row.get(RUNTIME.RUNTIME_)),
        row.get(RUNTIME.HOSTNAME),
        row.get(RUNTIME.PID),
        row.get(RUNTIME.HEARTBEAT),
        row.get(RUNTIME.CREATED_AT),
        row.get(RUNTIME.UPDATED_AT));
  }

  private static @Nullable String text(@Nullable JSON json) {
    return json == null ? null : json.data();
  }
}
