package io.noetl.catalog;

import static io.noetl.postgres.generated.Tables.CATALOG;
import static io.noetl.postgres.generated.Tables.EXECUTION;
import static io.noetl.postgres.generated.Tables.PLUGIN_MODULE;

import io.noetl.catalog.ModuleInspector.Inspection;
import io.noetl.json.Json;
import io.noetl.playbook.Diagnostic;
import io.noetl.playbook.OtherDocument;
import io.noetl.playbook.ParseResult;
import io.noetl.playbook.Playbook;
import io.noetl.playbook.PlaybookParser;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.JSON;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * Registered documents in the database. Safe for use by many threads; throws {@link
 * io.noetl.postgres.DatabaseException} when the database fails.
 */
public final class Catalog {
  /** Most rows of one page. */
  public static final int MAX_PAGE = 1_000;

  /** Registrations of one path that may be ahead of one that waits for a version. */
  private static final int MAX_TRIES = 100;

  private final Database database;
  private final CatalogHeads heads;
  private final PlaybookParser parser;
  private final ModuleInspector inspector;
  private final LongSupplier ids;
  private final InstantSource clock;
  private final List<OtherKind> others;

  /** A catalog of playbooks and plug-ins. */
  public Catalog(
      Database database,
      PlaybookParser parser,
      ModuleInspector inspector,
      LongSupplier ids,
      InstantSource clock) {
    this(database, parser, inspector, ids, clock, List.of());
  }

  /**
   * @param others kinds of documents that it keeps besides
   */
  public Catalog(
      Database database,
      PlaybookParser parser,
      ModuleInspector inspector,
      LongSupplier ids,
      InstantSource clock,
      List<OtherKind> others) {
    this.others = List.copyOf(others);
    this.database = database;
    this.heads = new CatalogHeads(database);
    this.parser = parser;
    this.inspector = inspector;
    this.ids = ids;
    this.clock = clock;
  }

  /** Checks a playbook text as {@link #register} does, and stores nothing. */
  public ParseResult check(String content) {
    return parser.parse(content);
  }

  /**
   * Stores a playbook as the next version of its path; identical text too makes a new version.
   *
   * @param content YAML text, or base64 of it
   */
  public Registration register(String tenantId, String content) {
    return register(tenantId, content, _ -> {});
  }

  private Registration register(String tenantId, String content, Consumer<String> before) {
    return switch (parser.parse(content)) {
      case ParseResult.Invalid invalid ->
          new Registration.Refused(invalid.httpStatus(), invalid.errors());
      case ParseResult.Valid valid -> {
        Playbook playbook = valid.playbook();
        before.accept(playbook.path());
        Map<String, @Nullable Object> meta = DocumentMeta.of(parser.document(valid.text()));
        CatalogEntry entry =
            new CatalogEntry(
                ids.getAsLong(),
                playbook.path(),
                0,
                CatalogEntry.PLAYBOOK,
                playbook.name(),
                valid.text(),
                sha256(valid.text().getBytes(StandardCharsets.UTF_8)),
                null,
                meta.isEmpty() ? null : Json.text(meta),
                clock.instant().truncatedTo(ChronoUnit.MICROS),
                null);
        yield new Registration.Registered(
            write(dsl -> insert(dsl, tenantId, entry)), valid.warnings());
      }
    };
  }

  /**
   * What a document of any kind that the catalog knows has wrong with it: nothing when {@link
   * #registerDocument} would store it.
   */
  public ParseResult.Checked checkDocument(String content) {
    for (OtherKind other : others) {
      OtherDocument document = parser.other(content, other.kind());
      if (document != null) {
        return switch (other.check(document.plain())) {
          case OtherKind.Accepted _ -> new ParseResult.Checked(List.of(), List.of());
          case OtherKind.Refused refused ->
              new ParseResult.Checked(errors(other, document, refused), List.of());
        };
      }
    }
    return switch (parser.parse(content)) {
      case ParseResult.Valid valid -> new ParseResult.Checked(List.of(), valid.warnings());
      case ParseResult.Invalid invalid ->
          new ParseResult.Checked(invalid.errors(), invalid.warnings());
    };
  }

  /** As {@link #register}, for documents of every kind that the catalog knows. */
  public Registration registerDocument(String tenantId, String content) {
    return registerDocument(tenantId, content, _ -> {});
  }

  /**
   * As the other.
   *
   * @param before told the path just before anything is stored; what it throws keeps that from
   *     happening
   */
  public Registration registerDocument(String tenantId, String content, Consumer<String> before) {
    for (OtherKind other : others) {
      OtherDocument document = parser.other(content, other.kind());
      if (document != null) {
        return switch (other.check(document.plain())) {
          case OtherKind.Refused refused ->
              new Registration.Refused(422, errors(other, document, refused));
          case OtherKind.Accepted(String name, String path) -> {
            before.accept(normal(path));
            yield store(tenantId, other.kind(), document, name, normal(path));
          }
        };
      }
    }
    return register(tenantId, content, before);
  }

  private Registration store(
      String tenantId, String kind, OtherDocument document, String name, String path) {
    Optional<CatalogEntry> before = headByPath(tenantId, path, null);
    if (path.isEmpty() || before.isPresent() && !before.get().kind().equals(kind)) {
      String message =
          path.isEmpty()
              ? "metadata.path has nothing but slashes"
              : "Expected a path without other documents, but "
                  + path
                  + " is a "
                  + before.orElseThrow().kind();
      return new Registration.Refused(
          422, List.of(document.error("document.path", "metadata.path", message)));
    }
    Map<String, @Nullable Object> meta = DocumentMeta.of(document.plain());
    CatalogEntry entry =
        new CatalogEntry(
            ids.getAsLong(),
            path,
            0,
            kind,
            name,
            document.text(),
            sha256(document.text().getBytes(StandardCharsets.UTF_8)),
            null,
            meta.isEmpty() ? null : Json.text(meta),
            clock.instant().truncatedTo(ChronoUnit.MICROS),
            null);
    return new Registration.Registered(write(dsl -> insert(dsl, tenantId, entry)), List.of());
  }

  private static List<Diagnostic> errors(
      OtherKind other, OtherDocument document, OtherKind.Refused refused) {
    String rule = other.kind().toLowerCase(Locale.ROOT) + ".invalid";
    return refused.faults().stream()
        .map(fault -> document.error(rule, fault.path(), fault.message()))
        .toList();
  }

  /** Why a text cannot be read as a document of any kind; empty when it can. */
  public List<Diagnostic> documentFaults(String content) {
    return parser.faults(content);
  }

  /** The plain values of a stored playbook text. */
  public Map<String, @Nullable Object> document(String content) {
    return parser.document(content);
  }

  /** Checks a module as {@link #registerModule} does, and stores nothing. */
  public Inspection checkModule(byte[] module, Map<String, @Nullable Object> manifest) {
    return inspector.inspect(module, manifest);
  }

  /**
   * Stores a plug-in module as the next version of the path, or finds the version that has these
   * very bytes.
   *
   * @param signer id of the key that signed it; null when nobody did
   */
  public ModuleRegistration registerModule(
      String tenantId,
      String path,
      byte[] module,
      Map<String, @Nullable Object> manifest,
      @Nullable String signer) {
    Inspection inspection = inspector.inspect(module, manifest);
    if (!inspection.admitted()) {
      return new ModuleRegistration.Refused(inspection);
    }
    String normal = normal(path);
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("abi", inspection.abi());
    meta.put("size", module.length);
    meta.put("imports", inspection.imports());
    meta.put("grants_missing", inspection.grantsMissing());
    if (signer != null) {
      meta.put("signed_by", signer);
    }
    CatalogEntry fresh =
        new CatalogEntry(
            ids.getAsLong(),
            normal,
            0,
            CatalogEntry.PLUGIN,
            normal.substring(normal.lastIndexOf('/') + 1),
            Json.text(manifest),
            inspection.digest(),
            inspection.digest(),
            Json.text(meta),
            clock.instant().truncatedTo(ChronoUnit.MICROS),
            null);
    CatalogEntry stored =
        write(
            dsl -> {
              Optional<CatalogEntry> known =
                  one(
                      dsl,
                      true,
                      plugins(tenantId, normal)
                          .and(CATALOG.MODULE_DIGEST.eq(inspection.digest()))
                          .and(CATALOG.ARCHIVED_AT.isNull()));
              if (known.isPresent()) {
                return known.get();
              }
              dsl.insertInto(PLUGIN_MODULE)
                  .set(PLUGIN_MODULE.DIGEST, inspection.digest())
                  .set(PLUGIN_MODULE.BYTES, module)
                  .set(PLUGIN_MODULE.CREATED_AT, fresh.createdAt())
                  .onConflictDoNothing()
                  .execute();
              return insert(dsl, tenantId, fresh);
            });
    return new ModuleRegistration.Registered(stored, inspection, module.length);
  }

  /** The bytes of a module by its digest, of an entry that the tenant has. */
  public Optional<byte[]> module(String tenantId, String digest) {
    return read(
        dsl ->
            dsl.select(PLUGIN_MODULE.BYTES)
                .from(PLUGIN_MODULE)
                .where(PLUGIN_MODULE.DIGEST.eq(digest))
                .and(
                    DSL.exists(
                        DSL.selectOne()
                            .from(CATALOG)
                            .where(CATALOG.TENANT_ID.eq(tenantId))
                            .and(CATALOG.MODULE_DIGEST.eq(digest))))
                .fetchOptional(PLUGIN_MODULE.BYTES));
  }

  public Optional<CatalogEntry> byId(String tenantId, long catalogId) {
    return read(
        dsl ->
            one(dsl, true, CATALOG.TENANT_ID.eq(tenantId).and(CATALOG.CATALOG_ID.eq(catalogId))));
  }

  /**
   * @param version null = the highest that is not archived
   */
  public Optional<CatalogEntry> byPath(String tenantId, String path, @Nullable Integer version) {
    Condition where = CATALOG.TENANT_ID.eq(tenantId).and(CATALOG.PATH.eq(normal(path)));
    Condition which = version == null ? CATALOG.ARCHIVED_AT.isNull() : CATALOG.VERSION.eq(version);
    return read(dsl -> one(dsl, true, where.and(which)));
  }

  /** As {@link #byId}, without the content. */
  public Optional<CatalogEntry> headById(String tenantId, long catalogId) {
    return heads.byId(tenantId, catalogId);
  }

  /** As {@link #byPath}, without the content. */
  public Optional<CatalogEntry> headByPath(
      String tenantId, String path, @Nullable Integer version) {
    return heads.byPath(tenantId, normal(path), version);
  }

  /** The plug-in of a path; as {@link #byPath}. */
  public Optional<CatalogEntry> plugin(String tenantId, String path, @Nullable Integer version) {
    return byPath(tenantId, path, version)
        .filter(entry -> entry.kind().equals(CatalogEntry.PLUGIN));
  }

  /** Whether the path has any version, archived or not. */
  public boolean knows(String tenantId, String path) {
    return read(
        dsl ->
            dsl.fetchExists(
                CATALOG, CATALOG.TENANT_ID.eq(tenantId).and(CATALOG.PATH.eq(normal(path)))));
  }

  /**
   * What to list.
   *
   * @param kind {@code Playbook}, {@code Plugin}, or null for all
   * @param path exact path, or null for all
   * @param agentOnly only entries that say they are agents
   * @param capabilities only entries that have all of these
   * @param withContent whether rows carry their text
   */
  public record Filter(
      @Nullable String kind,
      @Nullable String path,
      boolean archived,
      boolean agentOnly,
      List<String> capabilities,
      boolean withContent,
      int limit,
      int offset) {
    public Filter {
      capabilities = List.copyOf(capabilities);
      if (limit < 1 || limit > MAX_PAGE) {
        throw new IllegalArgumentException(
            "Expected a limit from 1 to " + MAX_PAGE + ", but got " + limit);
      }
    }
  }

  /** Entries by path, the newest version first. */
  public List<CatalogEntry> list(String tenantId, Filter filter) {
    Condition where = CATALOG.TENANT_ID.eq(tenantId);
    if (filter.kind() != null) {
      where = where.and(CATALOG.KIND.equalIgnoreCase(filter.kind()));
    }
    if (filter.path() != null) {
      where = where.and(CATALOG.PATH.eq(normal(filter.path())));
    }
    if (!filter.archived()) {
      where = where.and(CATALOG.ARCHIVED_AT.isNull());
    }
    if (filter.agentOnly()) {
      where = where.and(DSL.condition("{0}->>'agent' = 'true'", CATALOG.META));
    }
    for (String capability : filter.capabilities()) {
      where =
          where.and(
              DSL.condition(
                  "({0}->'capabilities')::jsonb @> jsonb_build_array({1}::text)",
                  CATALOG.META, DSL.val(capability)));
    }
    Condition condition = where;
    return read(
        dsl ->
            dsl.select(columns(filter.withContent()))
                .from(CATALOG)
                .where(condition)
                .orderBy(CATALOG.PATH, CATALOG.VERSION.desc())
                .limit(filter.limit())
                .offset(filter.offset())
                .fetch(Catalog::entry));
  }

  /** How many playbooks, counting each path once, are in use. */
  public int playbooks(String tenantId) {
    Integer count =
        read(
            dsl ->
                dsl.select(DSL.countDistinct(CATALOG.PATH))
                    .from(CATALOG)
                    .where(CATALOG.TENANT_ID.eq(tenantId))
                    .and(CATALOG.KIND.eq(CatalogEntry.PLAYBOOK))
                    .and(CATALOG.ARCHIVED_AT.isNull())
                    .fetchSingle()
                    .value1());
    return count == null ? 0 : count;
  }

  /**
   * Takes versions out of use. Nothing is deleted: what pinned them can go on.
   *
   * @param version null = every version of the path
   * @param kind of the entries, or null for any
   */
  public Archival archive(
      String tenantId, String path, @Nullable Integer version, @Nullable String kind) {
    Condition where = versions(tenantId, path, version, kind);
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    return write(
        dsl -> {
          if (!dsl.fetchExists(CATALOG, where)) {
            return new Archival.Unknown();
          }
          Record live =
              dsl.select(CATALOG.VERSION, EXECUTION.EXECUTION_ID)
                  .from(EXECUTION)
                  .join(CATALOG)
                  .on(CATALOG.CATALOG_ID.eq(EXECUTION.CATALOG_ID))
                  .where(where)
                  .and(CATALOG.ARCHIVED_AT.isNull())
                  .and(EXECUTION.ENDED_AT.isNull())
                  .limit(1)
                  .fetchOne();
          if (live != null) {
            return new Archival.InUse(live.get(CATALOG.VERSION), live.get(EXECUTION.EXECUTION_ID));
          }
          return new Archival.Done(
              dsl.update(CATALOG)
                  .set(CATALOG.ARCHIVED_AT, now)
                  .where(where.and(CATALOG.ARCHIVED_AT.isNull()))
                  .returning(CATALOG.CATALOG_ID, CATALOG.VERSION)
                  .fetch(row -> new Archival.Version(row.getCatalogId(), row.getVersion())));
        });
  }

  /** Takes versions into use again; see {@link #archive}. */
  public Archival restore(String tenantId, String path, @Nullable Integer version) {
    Condition where = versions(tenantId, path, version, null);
    return write(
        dsl ->
            dsl.fetchExists(CATALOG, where)
                ? new Archival.Done(
                    dsl.update(CATALOG)
                        .setNull(CATALOG.ARCHIVED_AT)
                        .where(where.and(CATALOG.ARCHIVED_AT.isNotNull()))
                        .returning(CATALOG.CATALOG_ID, CATALOG.VERSION)
                        .fetch(row -> new Archival.Version(row.getCatalogId(), row.getVersion())))
                : new Archival.Unknown());
  }

  /** The path as it is stored: without slashes at its ends. */
  public static String normal(String path) {
    int from = 0;
    int to = path.length();
    while (from < to && path.charAt(from) == '/') {
      from++;
    }
    while (to > from && path.charAt(to - 1) == '/') {
      to--;
    }
    return path.substring(from, to);
  }

  private static Condition versions(
      String tenantId, String path, @Nullable Integer version, @Nullable String kind) {
    Condition where = CATALOG.TENANT_ID.eq(tenantId).and(CATALOG.PATH.eq(normal(path)));
    if (version != null) {
      where = where.and(CATALOG.VERSION.eq(version));
    }
    return kind == null ? where : where.and(CATALOG.KIND.eq(kind));
  }

  private static Condition plugins(String tenantId, String path) {
    return versions(tenantId, path, null, CatalogEntry.PLUGIN);
  }

  /** The unique key decides between two that take the same next version at once. */
  private static CatalogEntry insert(DSLContext dsl, String tenantId, CatalogEntry entry) {
    Field<Integer> next = DSL.coalesce(DSL.max(CATALOG.VERSION), 0).plus(1);
    String meta = entry.metaJson();
    for (int i = 0; i < MAX_TRIES; i++) {
      Record stored =
          dsl.insertInto(
                  CATALOG,
                  CATALOG.CATALOG_ID,
                  CATALOG.TENANT_ID,
                  CATALOG.PATH,
                  CATALOG.VERSION,
                  CATALOG.KIND,
                  CATALOG.NAME,
                  CATALOG.CONTENT,
                  CATALOG.DIGEST,
                  CATALOG.MODULE_DIGEST,
                  CATALOG.META,
                  CATALOG.CREATED_AT)
              .select(
                  DSL.select(
                          DSL.val(entry.catalogId()),
                          DSL.val(tenantId),
                          DSL.val(entry.path()),
                          next,
                          DSL.val(entry.kind()),
                          DSL.val(entry.name()),
                          DSL.val(entry.content(), CATALOG.CONTENT),
                          DSL.val(entry.digest()),
                          DSL.val(entry.moduleDigest(), CATALOG.MODULE_DIGEST),
                          DSL.val(meta == null ? null : JSON.valueOf(meta), CATALOG.META),
                          DSL.val(entry.createdAt()))
                      .from(CATALOG)
                      .where(CATALOG.TENANT_ID.eq(tenantId))
                      .and(CATALOG.PATH.eq(entry.path())))
              .onConflictDoNothing()
              .returning(columns(true))
              .fetchOne();
      if (stored != null) {
        return entry(stored);
      }
    }
    throw new IllegalStateException(
        "Expected to get a version of "
            + entry.path()
            + ", but others were ahead "
            + MAX_TRIES
            + " times");
  }

  private static Optional<CatalogEntry> one(DSLContext dsl, boolean content, Condition where) {
    return dsl.select(columns(content))
        .from(CATALOG)
        .where(where)
        .orderBy(CATALOG.VERSION.desc())
        .limit(1)
        .fetchOptional(Catalog::entry);
  }

  private static List<Field<?>> columns(boolean content) {
    List<Field<?>> columns =
        new ArrayList<>(
            List.of(
                CATALOG.CATALOG_ID,
                CATALOG.PATH,
                CATALOG.VERSION,
                CATALOG.KIND,
                CATALOG.NAME,
                CATALOG.DIGEST,
                CATALOG.MODULE_DIGEST,
                CATALOG.META,
                CATALOG.CREATED_AT,
                CATALOG.ARCHIVED_AT));
    if (content) {
      columns.add(CATALOG.CONTENT);
    }
    return columns;
  }

  private static CatalogEntry entry(Record row) {
    JSON meta = row.get(CATALOG.META);
    return new CatalogEntry(
        row.get(CATALOG.CATALOG_ID),
        row.get(CATALOG.PATH),
        row.get(CATALOG.VERSION),
        row.get(CATALOG.KIND),
        row.get(CATALOG.NAME),
        row.field(CATALOG.CONTENT) == null ? null : row.get(CATALOG.CONTENT),
        row.get(CATALOG.DIGEST),
        row.get(CATALOG.MODULE_DIGEST),
        meta == null ? null : meta.data(),
        row.get(CATALOG.CREATED_AT),
        row.get(CATALOG.ARCHIVED_AT));
  }

  private <T> T read(Function<DSLContext, T> work) {
    return database.query(Pool.READ, work);
  }

  private <T> T write(Function<DSLContext, T> work) {
    return database.transaction(Pool.READ, connection -> Database.composed(connection, work));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Expected every JDK to have SHA-256", e);
    }
  }
}
