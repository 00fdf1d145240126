package io.noetl.catalog;

import static io.noetl.postgres.generated.Tables.PLUGIN_GRANT;

import io.noetl.json.Json;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jooq.DSLContext;
import org.jooq.JSON;
import org.jspecify.annotations.Nullable;

/**
 * What the plug-ins of a path are granted, per tenant. Set by an operator, never by a plug-in's
 * manifest. Safe for use by many threads; throws {@link io.noetl.postgres.DatabaseException} when
 * the database fails.
 */
public final class PluginGrantStore {
  private final Database database;
  private final Set<String> known;
  private final Set<String> usual;
  private final InstantSource clock;

  /**
   * @param known every capability that there is
   * @param usual what a tenant's plug-in has when nobody decided otherwise
   */
  public PluginGrantStore(
      Database database, Set<String> known, Set<String> usual, InstantSource clock) {
    this.database = database;
    this.known = Set.copyOf(known);
    this.usual = Set.copyOf(usual);
    this.clock = clock;
  }

  /**
   * Capabilities of one path.
   *
   * @param terms what each capability is limited to, such as names or a prefix; empty for none
   */
  public record Grants(String tenantId, Map<String, Map<String, @Nullable Object>> terms) {
    /** Sorts the capabilities. */
    public Grants {
      terms = new TreeMap<>(terms);
    }

    /** The names, sorted. */
    public Set<String> names() {
      return new TreeSet<>(terms.keySet());
    }

    /** Whether this capability is granted. */
    public boolean has(String capability) {
      return terms.containsKey(capability);
    }
  }

  /** Every capability that there is, sorted. */
  public Set<String> known() {
    return new TreeSet<>(known);
  }

  /** What holds now; what every tenant has when nothing was set. */
  public Grants of(String tenantId, String path) {
    Optional<JSON> stored =
        run(
            dsl ->
                dsl.select(PLUGIN_GRANT.GRANTS)
                    .from(PLUGIN_GRANT)
                    .where(PLUGIN_GRANT.TENANT_ID.eq(tenantId))
                    .and(PLUGIN_GRANT.PATH.eq(Catalog.normal(path)))
                    .fetchOptional(PLUGIN_GRANT.GRANTS));
    Map<String, Map<String, @Nullable Object>> terms = new LinkedHashMap<>();
    if (stored.isEmpty()) {
      usual.forEach(name -> terms.put(name, Map.of()));
    } else {
      Json.parseObject(stored.get().data())
          .forEach((name, value) -> terms.put(name, members(value)));
    }
    return new Grants(tenantId, terms);
  }

  /**
   * Replaces what was granted. Effective with the next host call.
   *
   * @param terms by names out of {@link #known}; empty to grant nothing at all
   * @throws IllegalArgumentException when a name is not known
   */
  public Grants set(
      String tenantId, String path, Map<String, Map<String, @Nullable Object>> terms, String by) {
    for (String name : terms.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "Expected capabilities out of " + known() + ", but got " + name);
      }
    }
    JSON json = JSON.valueOf(Json.text(terms));
    run(
        dsl ->
            dsl.insertInto(PLUGIN_GRANT)
                .set(PLUGIN_GRANT.TENANT_ID, tenantId)
                .set(PLUGIN_GRANT.PATH, Catalog.normal(path))
                .set(PLUGIN_GRANT.GRANTS, json)
                .set(PLUGIN_GRANT.GRANTED_BY, by)
                .set(PLUGIN_GRANT.UPDATED_AT, clock.instant().truncatedTo(ChronoUnit.MICROS))
                .onConflict(PLUGIN_GRANT.TENANT_ID, PLUGIN_GRANT.PATH)
                .doUpdate()
                .set(PLUGIN_GRANT.GRANTS, json)
                .set(PLUGIN_GRANT.GRANTED_BY, by)
                .set(PLUGIN_GRANT.UPDATED_AT, clock.instant().truncatedTo(ChronoUnit.MICROS))
                .execute());
    return new Grants(tenantId, terms);
  }

  /** Back to what every tenant has. */
  public void reset(String tenantId, String path) {
    run(
        dsl ->
            dsl.deleteFrom(PLUGIN_GRANT)
                .where(PLUGIN_GRANT.TENANT_ID.eq(tenantId))
                .and(PLUGIN_GRANT.PATH.eq(Catalog.normal(path)))
                .execute());
  }

  private <T> T run(Function<DSLContext, T> work) {
    return database.query(Pool.READ, work);
  }

  private static Map<String, @Nullable Object> members(@Nullable Object value) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((name, member) -> members.put(String.valueOf(name), member));
    }
    return members;
  }
}
