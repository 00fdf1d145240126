package io.noetl.credential;

import static io.noetl.postgres.generated.Tables.KEYCHAIN_ENTRY;
import static org.jooq.impl.DSL.currentInstant;
import static org.jooq.impl.DSL.row;

import io.noetl.credential.Envelope.Place;
import io.noetl.credential.Envelope.Sealed;
import io.noetl.json.Json;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SelectField;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * Values that workers put by for each other, until they expire. Time is the database's. Safe for
 * use by many threads; throws {@link io.noetl.postgres.DatabaseException} when the database fails.
 */
public final class KeychainStore {
  private static final Field<Boolean> EXPIRED =
      DSL.coalesce(DSL.field(KEYCHAIN_ENTRY.EXPIRES_AT.le(currentInstant())), false).as("expired");

  /** What may be shown of a value. */
  private static final List<SelectField<?>> SHOWN =
      List.of(
          KEYCHAIN_ENTRY.NAME,
          KEYCHAIN_ENTRY.CACHE_KEY,
          KEYCHAIN_ENTRY.SCOPE_TYPE,
          KEYCHAIN_ENTRY.EXECUTION_ID,
          KEYCHAIN_ENTRY.CREDENTIAL_TYPE,
          KEYCHAIN_ENTRY.CACHE_TYPE,
          KEYCHAIN_ENTRY.AUTO_RENEW,
          KEYCHAIN_ENTRY.EXPIRES_AT,
          EXPIRED,
          KEYCHAIN_ENTRY.ACCESS_COUNT,
          KEYCHAIN_ENTRY.ACCESSED_AT,
          KEYCHAIN_ENTRY.CREATED_AT);

  /** With the value itself, sealed. */
  private static final List<SelectField<?>> WHOLE =
      Stream.concat(
              SHOWN.stream(),
              Stream.of(
                  KEYCHAIN_ENTRY.VERSION,
                  KEYCHAIN_ENTRY.KEY_ID,
                  KEYCHAIN_ENTRY.WRAPPED_KEY,
                  KEYCHAIN_ENTRY.SEALED))
          .toList();

  /** What a value under a key that is taken already takes over. */
  private static final Map<Field<?>, Field<?>> REPLACED =
      Stream.of(
              KEYCHAIN_ENTRY.PARENT_EXECUTION_ID,
              KEYCHAIN_ENTRY.CREDENTIAL_TYPE,
              KEYCHAIN_ENTRY.CACHE_TYPE,
              KEYCHAIN_ENTRY.AUTO_RENEW,
              KEYCHAIN_ENTRY.VERSION,
              KEYCHAIN_ENTRY.KEY_ID,
              KEYCHAIN_ENTRY.WRAPPED_KEY,
              KEYCHAIN_ENTRY.SEALED,
              KEYCHAIN_ENTRY.EXPIRES_AT)
          .collect(Collectors.toUnmodifiableMap(field -> field, DSL::excluded));

  /** How far a local value is looked for among the parents of an execution. */
  private static final int MAX_ANCESTORS = 64;

  private static final String ANCESTORS =
      """
      with recursive line(id, depth) as (
        select parent_execution_id, 1 from noetl.execution
         where execution_id = ? and tenant_id = ?
        union all
        select e.parent_execution_id, line.depth + 1
          from line join noetl.execution e on e.execution_id = line.id
         where line.depth < ? and e.tenant_id = ?)
      select id from line where id is not null order by depth
      """;

  /** Values that nobody can read any more leave with the writes of others, so many at a time. */
  private static final int PURGE = 100;

  private final Database database;
  private final Envelope envelope;
  private final LongSupplier ids;

  /**
   * @param ids mints versions of values
   */
  public KeychainStore(Database database, Envelope envelope, LongSupplier ids) {
    this.database = database;
    this.envelope = envelope;
    this.ids = ids;
  }

  /**
   * A value that was found.
   *
   * @param secret null when it has expired: what is over is never handed out
   */
  public record Opened(KeychainRecord about, @Nullable Map<String, @Nullable Object> secret) {
    @Override
    public String toString() {
      return "Opened[" + about + "]";
    }
  }

  /** Puts a value by, in place of an earlier one under its key. */
  public void put(String tenantId, KeychainKey key, KeychainValue value) {
    long version = ids.getAsLong();
    Sealed sealed = envelope.seal(place(tenantId, key, version), Json.bytes(value.secret()));
    database.query(
        Pool.APPEND,
        dsl ->
            dsl.insertInto(KEYCHAIN_ENTRY)
                .set(KEYCHAIN_ENTRY.TENANT_ID, tenantId)
                .set(KEYCHAIN_ENTRY.CACHE_KEY, key.text())
                .set(KEYCHAIN_ENTRY.CATALOG_ID, key.catalogId())
                .set(KEYCHAIN_ENTRY.NAME, key.name())
                .set(KEYCHAIN_ENTRY.SCOPE_TYPE, key.scope().word())
                .set(KEYCHAIN_ENTRY.EXECUTION_ID, key.executionId())
                .set(KEYCHAIN_ENTRY.PARENT_EXECUTION_ID, value.parentExecutionId())
                .set(KEYCHAIN_ENTRY.CREDENTIAL_TYPE, value.credentialType())
                .set(KEYCHAIN_ENTRY.CACHE_TYPE, value.cacheType())
                .set(KEYCHAIN_ENTRY.AUTO_RENEW, value.autoRenew())
                .set(KEYCHAIN_ENTRY.VERSION, version)
                .set(KEYCHAIN_ENTRY.KEY_ID, sealed.keyId())
                .set(KEYCHAIN_ENTRY.WRAPPED_KEY, sealed.wrappedKey())
                .set(KEYCHAIN_ENTRY.SEALED, sealed.sealed())
                .set(KEYCHAIN_ENTRY.EXPIRES_AT, value.expiresAt())
                .onConflict(KEYCHAIN_ENTRY.TENANT_ID, KEYCHAIN_ENTRY.CACHE_KEY)
                .doUpdate()
                .set(REPLACED)
                .set(KEYCHAIN_ENTRY.UPDATED_AT, currentInstant())
                .execute());
    purge();
  }

  private void purge() {
    database.query(
        Pool.APPEND,
        dsl ->
            dsl.deleteFrom(KEYCHAIN_ENTRY)
                .where(
                    row(KEYCHAIN_ENTRY.TENANT_ID, KEYCHAIN_ENTRY.CACHE_KEY)
                        .in(
                            dsl.select(KEYCHAIN_ENTRY.TENANT_ID, KEYCHAIN_ENTRY.CACHE_KEY)
                                .from(KEYCHAIN_ENTRY)
                                .where("expires_at < now() - interval '1 day'")
                                .limit(PURGE)
                                .forUpdate()
                                .skipLocked()))
                .execute());
  }

  private record Row(KeychainRecord about, long version, Sealed sealed) {}

  /**
   * The value under a key, and one more read of it. A local value of a parent is one of its
   * children, too.
   *
   * @throws UnreadableSecretException when it cannot be decrypted
   */
  public Optional<Opened> get(String tenantId, KeychainKey key) {
    Optional<Opened> own = getOwn(tenantId, key);
    Long execution = key.executionId();
    if (own.isPresent() || key.scope() != KeychainKey.Scope.LOCAL || execution == null) {
      return own;
    }
    for (Long ancestor : ancestors(tenantId, execution)) {
      Optional<Opened> inherited = getOwn(tenantId, key.of(ancestor));
      if (inherited.isPresent()) {
        return inherited;
      }
    }
    return Optional.empty();
  }

  private Optional<Opened> getOwn(String tenantId, KeychainKey key) {
    Optional<Row> row =
        database.query(
            Pool.APPEND,
            dsl ->
                dsl.update(KEYCHAIN_ENTRY)
                    .set(KEYCHAIN_ENTRY.ACCESS_COUNT, KEYCHAIN_ENTRY.ACCESS_COUNT.plus(1))
                    .set(KEYCHAIN_ENTRY.ACCESSED_AT, currentInstant())
                    .where(KEYCHAIN_ENTRY.TENANT_ID.eq(tenantId))
                    .and(KEYCHAIN_ENTRY.CACHE_KEY.eq(key.text()))
                    .returningResult(WHOLE)
                    .fetchOptional(KeychainStore::whole));
    return row.map(
        found -> {
          if (found.about().expired()) {
            return new Opened(found.about(), null);
          }
          byte[] secret = envelope.open(place(tenantId, key, found.version()), found.sealed());
          return new Opened(found.about(), Json.parseObject(secret));
        });
  }

  /** Parents of an execution, the nearest first. */
  private List<Long> ancestors(String tenantId, long executionId) {
    return database.query(
        Pool.READ,
        dsl ->
            dsl.resultQuery(ANCESTORS, executionId, tenantId, MAX_ANCESTORS, tenantId)
                .fetch(0, Long.class));
  }

  /** The values of a playbook version, without what they are. */
  public List<KeychainRecord> list(String tenantId, long catalogId, int limit) {
    return database.query(
        Pool.READ,
        dsl ->
            dsl.select(SHOWN)
                .from(KEYCHAIN_ENTRY)
                .where(KEYCHAIN_ENTRY.TENANT_ID.eq(tenantId))
                .and(KEYCHAIN_ENTRY.CATALOG_ID.eq(catalogId))
                .orderBy(KEYCHAIN_ENTRY.NAME, KEYCHAIN_ENTRY.CACHE_KEY)
                .limit(limit)
                .fetch(KeychainStore::shown));
  }

  /**
   * @return false when there was none
   */
  public boolean delete(String tenantId, KeychainKey key) {
    return database.query(
            Pool.APPEND,
            dsl ->
                dsl.deleteFrom(KEYCHAIN_ENTRY)
                    .where(KEYCHAIN_ENTRY.TENANT_ID.eq(tenantId))
                    .and(KEYCHAIN_ENTRY.CACHE_KEY.eq(key.text()))
                    .execute())
        > 0;
  }

  private static Place place(String tenantId, KeychainKey key, long version) {
    return place(tenantId, key.text(), version);
  }

  /** Names of credentials have no bar, so that neither table's rows open in the other. */
  static Place place(String tenantId, String cacheKey, long version) {
    return new Place(
        tenantId, "keychain|" + cacheKey, version, "Keychain entry '" + cacheKey + "'");
  }

  private static Row whole(Record row) {
    return new Row(
        shown(row),
        row.get(KEYCHAIN_ENTRY.VERSION),
        new Sealed(
            row.get(KEYCHAIN_ENTRY.KEY_ID),
            row.get(KEYCHAIN_ENTRY.WRAPPED_KEY),
            row.get(KEYCHAIN_ENTRY.SEALED)));
  }

  private static KeychainRecord shown(Record row) {
    return new KeychainRecord(
        row.get(KEYCHAIN_ENTRY.NAME),
        row.get(KEYCHAIN_ENTRY.CACHE_KEY),
        row.get(KEYCHAIN_ENTRY.SCOPE_TYPE),
        row.get(KEYCHAIN_ENTRY.EXECUTION_ID),
        row.get(KEYCHAIN_ENTRY.CREDENTIAL_TYPE),
        row.get(KEYCHAIN_ENTRY.CACHE_TYPE),
        row.get(KEYCHAIN_ENTRY.AUTO_RENEW),
        row.get(KEYCHAIN_ENTRY.EXPIRES_AT),
        row.get(EXPIRED),
        row.get(KEYCHAIN_ENTRY.ACCESS_COUNT),
        row.get(KEYCHAIN_ENTRY.ACCESSED_AT),
        row.get(KEYCHAIN_ENTRY.CREATED_AT));
  }
}
