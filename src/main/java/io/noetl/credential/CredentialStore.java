package io.noetl.credential;

import static io.noetl.postgres.generated.Tables.CREDENTIAL;
import static org.jooq.impl.DSL.currentInstant;

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
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.JSON;
import org.jooq.Record;
import org.jooq.SelectField;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * Credentials by name. Safe for use by many threads; throws {@link
 * io.noetl.postgres.DatabaseException} when the database fails.
 */
public final class CredentialStore {
  /** What may be shown of a credential. */
  private static final List<SelectField<?>> SHOWN =
      List.of(
          CREDENTIAL.CREDENTIAL_ID,
          CREDENTIAL.NAME,
          CREDENTIAL.TYPE,
          CREDENTIAL.META,
          CREDENTIAL.TAGS,
          CREDENTIAL.DESCRIPTION,
          CREDENTIAL.SCHEMA,
          CREDENTIAL.CREATED_AT,
          CREDENTIAL.UPDATED_AT);

  /** What one that is stored again takes over; the id and the time of its making stay. */
  private static final Map<Field<?>, Field<?>> REPLACED =
      Stream.of(
              CREDENTIAL.TYPE,
              CREDENTIAL.VERSION,
              CREDENTIAL.KEY_ID,
              CREDENTIAL.WRAPPED_KEY,
              CREDENTIAL.SEALED,
              CREDENTIAL.META,
              CREDENTIAL.TAGS,
              CREDENTIAL.DESCRIPTION,
              CREDENTIAL.SCHEMA)
          .collect(Collectors.toUnmodifiableMap(field -> field, DSL::excluded));

  private final Database database;
  private final Envelope envelope;
  private final LongSupplier ids;

  /**
   * @param ids mints ids of credentials and of their versions
   */
  public CredentialStore(Database database, Envelope envelope, LongSupplier ids) {
    this.database = database;
    this.envelope = envelope;
    this.ids = ids;
  }

  /** A credential with its secret. */
  public record Opened(CredentialRecord about, Map<String, @Nullable Object> data) {
    @Override
    public String toString() {
      return "Opened[" + about + "]";
    }
  }

  /** Stores it; one of the same name is replaced and keeps its id. */
  public CredentialRecord put(String tenantId, CredentialSpec spec) {
    long version = ids.getAsLong();
    Sealed sealed = envelope.seal(place(tenantId, spec.name(), version), Json.bytes(spec.data()));
    return database.query(
        Pool.APPEND,
        dsl ->
            dsl.insertInto(CREDENTIAL)
                .set(CREDENTIAL.CREDENTIAL_ID, ids.getAsLong())
                .set(CREDENTIAL.TENANT_ID, tenantId)
                .set(CREDENTIAL.NAME, spec.name())
                .set(CREDENTIAL.TYPE, spec.type())
                .set(CREDENTIAL.VERSION, version)
                .set(CREDENTIAL.KEY_ID, sealed.keyId())
                .set(CREDENTIAL.WRAPPED_KEY, sealed.wrappedKey())
                .set(CREDENTIAL.SEALED, sealed.sealed())
                .set(CREDENTIAL.META, JSON.jsonOrNull(spec.metaJson()))
                .set(CREDENTIAL.TAGS, JSON.jsonOrNull(spec.tagsJson()))
                .set(CREDENTIAL.DESCRIPTION, spec.description())
                .set(CREDENTIAL.SCHEMA, JSON.jsonOrNull(spec.schemaJson()))
                .onConflict(CREDENTIAL.TENANT_ID, CREDENTIAL.NAME)
                .doUpdate()
                .set(REPLACED)
                .set(CREDENTIAL.UPDATED_AT, currentInstant())
                .returningResult(SHOWN)
                .fetchSingle(CredentialStore::shown));
  }

  /** What may be shown of a credential, without its secret. */
  public Optional<CredentialRecord> find(String tenantId, String idOrName) {
    return database.query(
        Pool.READ,
        dsl ->
            dsl.select(SHOWN)
                .from(CREDENTIAL)
                .where(called(tenantId, idOrName))
                .orderBy(nameFirst(idOrName))
                .limit(1)
                .fetchOptional(CredentialStore::shown));
  }

  private record Row(CredentialRecord about, long version, Sealed sealed) {}

  /**
   * The credential with its secret.
   *
   * @throws UnreadableSecretException when it cannot be decrypted
   */
  public Optional<Opened> open(String tenantId, String idOrName) {
    Optional<Row> row =
        database.query(
            Pool.READ,
            dsl ->
                dsl.select(SHOWN)
                    .select(
                        CREDENTIAL.VERSION,
                        CREDENTIAL.KEY_ID,
                        CREDENTIAL.WRAPPED_KEY,
                        CREDENTIAL.SEALED)
                    .from(CREDENTIAL)
                    .where(called(tenantId, idOrName))
                    .orderBy(nameFirst(idOrName))
                    .limit(1)
                    .fetchOptional(CredentialStore::row));
    return row.map(
        found -> {
          Place place = place(tenantId, found.about().name(), found.version());
          byte[] data = envelope.open(place, found.sealed());
          return new Opened(found.about(), Json.parseObject(data));
        });
  }

  /**
   * Credentials in the order of their names.
   *
   * @param type null = all
   * @param text part of a name or description, in any case of letters; null = all
   */
  public List<CredentialRecord> list(
      String tenantId, @Nullable String type, @Nullable String text, int limit, int offset) {
    Condition wanted = CREDENTIAL.TENANT_ID.eq(tenantId);
    if (type != null) {
      wanted = wanted.and(CREDENTIAL.TYPE.eq(type));
    }
    if (text != null) {
      wanted =
          wanted.and(
              CREDENTIAL
                  .NAME
                  .containsIgnoreCase(text)
                  .or(CREDENTIAL.DESCRIPTION.containsIgnoreCase(text)));
    }
    Condition where = wanted;
    return database.query(
        Pool.READ,
        dsl ->
            dsl.select(SHOWN)
                .from(CREDENTIAL)
                .where(where)
                .orderBy(CREDENTIAL.NAME)
                .limit(limit)
                .offset(offset)
                .fetch(CredentialStore::shown));
  }

  /** Deletes it; empty when there is none. */
  public Optional<CredentialRecord> delete(String tenantId, String idOrName) {
    return database.query(
        Pool.APPEND,
        dsl ->
            dsl.deleteFrom(CREDENTIAL)
                .where(
                    CREDENTIAL.CREDENTIAL_ID.eq(
                        DSL.select(CREDENTIAL.CREDENTIAL_ID)
                            .from(CREDENTIAL)
                            .where(called(tenantId, idOrName))
                            .orderBy(nameFirst(idOrName))
                            .limit(1)))
                .returningResult(SHOWN)
                .fetchOptional(CredentialStore::shown));
  }

  static Place place(String tenantId, String name, long version) {
    return new Place(tenantId, name, version, "Credential '" + name + "'");
  }

  private static Condition called(String tenantId, String idOrName) {
    Condition name = CREDENTIAL.NAME.eq(idOrName);
    return CREDENTIAL
        .TENANT_ID
        .eq(tenantId)
        .and(name.or(CREDENTIAL.CREDENTIAL_ID.eq(id(idOrName))));
  }

  /** A name wins over an id of the same digits. */
  private static Field<Boolean> nameFirst(String idOrName) {
    return DSL.field(CREDENTIAL.NAME.ne(idOrName));
  }

  private static long id(String idOrName) {
    return idOrName.matches("\\d{1,19}") ? Long.parseUnsignedLong(idOrName) : -1;
  }

  private static Row row(Record row) {
    return new Row(
        shown(row),
        row.get(CREDENTIAL.VERSION),
        new Sealed(
            row.get(CREDENTIAL.KEY_ID),
            row.get(CREDENTIAL.WRAPPED_KEY),
            row.get(CREDENTIAL.SEALED)));
  }

  private static CredentialRecord shown(Record row) {
    return new CredentialRecord(
        row.get(CREDENTIAL.CREDENTIAL_ID),
        row.get(CREDENTIAL.NAME),
        row.get(CREDENTIAL.TYPE),
        text(row.get(CREDENTIAL.META)),
        text(row.get(CREDENTIAL.TAGS)),
        row.get(CREDENTIAL.DESCRIPTION),
        text(row.get(CREDENTIAL.SCHEMA)),
        row.get(CREDENTIAL.CREATED_AT),
        row.get(CREDENTIAL.UPDATED_AT));
  }

  private static @Nullable String text(@Nullable JSON json) {
    return json == null ? null : json.data();
  }
}
