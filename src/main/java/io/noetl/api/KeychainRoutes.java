package io.noetl.api;

import io.noetl.catalog.Catalog;
import io.noetl.catalog.CatalogEntry;
import io.noetl.credential.CredentialSpec;
import io.noetl.credential.KeychainKey;
import io.noetl.credential.KeychainRecord;
import io.noetl.credential.KeychainStore;
import io.noetl.credential.KeychainValue;
import io.noetl.envelope.Ids;
import io.noetl.journal.Definitions;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The keychain: what a playbook declares, and values that workers put by until they expire. A value
 * that is not there, or over, is a 200 that says so, as workers expect.
 */
final class KeychainRoutes implements Resource {
  private static final String ONE = "/api/keychain/{catalog_id}/{name}";
  private static final String OF_PLAYBOOK = "/api/keychain/catalog/{catalog_id}";
  private static final String SUCCESS = "success";

  /** Members of a body that are secret, and stored encrypted. */
  private static final List<String> SECRET = List.of("data", "token_data", "renew_config");

  /** Local values without an end: executions come and go, and nobody deletes after them. */
  private static final Duration LOCAL_LIFE = Duration.ofDays(1);

  private static final Duration LONGEST_LIFE = Duration.ofDays(3650);

  private final KeychainStore keychain;
  private final Catalog catalog;
  private final Definitions definitions;
  private final ApiLimits limits;
  private final InstantSource clock;

  KeychainRoutes(
      KeychainStore keychain,
      Catalog catalog,
      Definitions definitions,
      ApiLimits limits,
      InstantSource clock) {
    this.keychain = keychain;
    this.catalog = catalog;
    this.definitions = definitions;
    this.limits = limits;
    this.clock = clock;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get(OF_PLAYBOOK, AccessClass.USER, this::list)
        .get(OF_PLAYBOOK + "/declared", AccessClass.WORKER, this::declared)
        .get(ONE, AccessClass.WORKER, this::get)
        .post(ONE, AccessClass.WORKER, this::put)
        .delete(ONE, AccessClass.WORKER, this::delete);
  }

  /** The entries as the playbook has them: nothing that its text in the catalog does not show. */
  private Reply declared(Call call) {
    long catalogId = call.pathId("catalog_id");
    boolean playbook =
        catalog
            .headById(call.tenant(), catalogId)
            .filter(entry -> entry.kind().equals(CatalogEntry.PLAYBOOK))
            .isPresent();
    if (!playbook) {
      throw Problems.notFound("playbook " + catalogId + " not found").refusal();
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("catalog_id", Ids.text(catalogId));
    out.put("entries", definitions.get(catalogId).playbook().keychain());
    return Reply.ok(out);
  }

  private Reply put(Call call) {
    Map<String, @Nullable Object> body = call.json();
    Long execution = Members.id(body, "execution_id");
    KeychainKey key = key(call, Members.text(body, "scope_type"), execution);
    Map<String, @Nullable Object> secret = new LinkedHashMap<>();
    for (String name : SECRET) {
      if (body.get(name) != null) {
        secret.put(name, body.get(name));
      }
    }
    if (!secret.containsKey("data") && !secret.containsKey("token_data")) {
      throw Members.missing("data");
    }
    Instant now = clock.instant();
    Instant expires = expires(body, key, now);
    boolean autoRenew = Members.flag(body, "auto_renew", false);
    keychain.put(
        call.tenant(),
        key,
        new KeychainValue(
            secret,
            Members.text(body, "credential_type"),
            Members.text(body, "cache_type", "secret"),
            Members.id(body, "parent_execution_id"),
            expires,
            autoRenew));
    Map<String, @Nullable Object> out = head(call, SUCCESS, key);
    out.put("message", "stored keychain entry " + key.name());
    if (expires != null) {
      out.put("expires_at", expires.toString());
      out.put("ttl_seconds", Math.max(0, Duration.between(now, expires).toSeconds()));
    }
    out.put("auto_renew", autoRenew);
    return Reply.ok(out);
  }

  private static @Nullable Instant expires(
      Map<String, @Nullable Object> body, KeychainKey key, Instant now) {
    String at = Members.text(body, "expires_at");
    if (at != null) {
      try {
        return OffsetDateTime.parse(at).toInstant();
      } catch (DateTimeException e) {
        throw Members.fault(
            "expires_at",
            "Expected expires_at to be a time such as 2026-01-31T12:00:00Z, but got '" + at + "'");
      }
    }
    for (String name : List.of("expires_in", "ttl_seconds")) {
      Long seconds = Members.number(body, name);
      if (seconds != null) {
        return now.plusSeconds(Math.clamp(seconds, 0, LONGEST_LIFE.toSeconds()));
      }
    }
    return key.scope() == KeychainKey.Scope.LOCAL ? now.plus(LOCAL_LIFE) : null;
  }

  private Reply get(Call call) {
    KeychainKey key = key(call, call.query("scope_type"), call.queryId("execution_id"));
    Optional<KeychainStore.Opened> found = keychain.get(call.tenant(), key);
    if (found.isEmpty()) {
      Map<String, @Nullable Object> out = head(call, "not_found", key);
      out.put("auto_renew", false);
      out.put("expired", false);
      return Reply.ok(out);
    }
    KeychainRecord about = found.get().about();
    Map<String, @Nullable Object> secret = found.get().secret();
    Map<String, @Nullable Object> out = head(call, about.expired() ? "expired" : SUCCESS, key);
    out.put("cache_key", about.cacheKey());
    if (secret != null) {
      put(out, "data", secret.get("data"));
      put(out, "token_data", secret.get("token_data"));
    }
    put(out, "credential_type", about.credentialType());
    put(out, "cache_type", about.cacheType());
    out.put("scope_type", about.scopeType());
    Instant expires = about.expiresAt();
    if (expires != null) {
      out.put("expires_at", expires.toString());
      out.put("ttl_seconds", Math.max(0, Duration.between(clock.instant(), expires).toSeconds()));
    }
    put(out, "accessed_at", text(about.accessedAt()));
    out.put("access_count", about.accessCount());
    out.put("auto_renew", about.autoRenew());
    out.put("expired", about.expired());
    return Reply.ok(out).withHeader("Cache-Control", "no-store");
  }

  private Reply delete(Call call) {
    KeychainKey key = key(call, call.query("scope_type"), call.queryId("execution_id"));
    boolean known = keychain.delete(call.tenant(), key);
    Map<String, @Nullable Object> out = head(call, SUCCESS, key);
    out.put(
        "message",
        known
            ? "deleted keychain entry " + key.name()
            : "there was no keychain entry " + key.name());
    return Reply.ok(out);
  }

  private Reply list(Call call) {
    long catalogId = call.pathId("catalog_id");
    List<@Nullable Object> entries = new ArrayList<>();
    for (KeychainRecord record : keychain.list(call.tenant(), catalogId, limits.pageSize())) {
      Map<String, @Nullable Object> entry = new LinkedHashMap<>();
      entry.put("keychain_name", record.name());
      entry.put("scope_type", record.scopeType());
      Long execution = record.executionId();
      put(entry, "execution_id", execution == null ? null : Ids.text(execution));
      put(entry, "expires_at", text(record.expiresAt()));
      entry.put("expired", record.expired());
      entry.put("access_count", record.accessCount());
      put(entry, "accessed_at", text(record.accessedAt()));
      entry.put("created_at", record.createdAt().toString());
      entries.add(entry);
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", SUCCESS);
    out.put("catalog_id", Ids.text(catalogId));
    out.put("entries", entries);
    out.put("count", entries.size());
    return Reply.ok(out);
  }

  private static KeychainKey key(Call call, @Nullable String scopeType, @Nullable Long execution) {
    String name = call.path("name");
    String fault = CredentialSpec.nameFault(name);
    if (fault != null) {
      throw Members.fault("name", "Expected the name of a keychain entry, but " + fault);
    }
    KeychainKey.Scope scope =
        switch (scopeType == null ? "global" : scopeType.toLowerCase(Locale.ROOT)) {
          case "global" -> KeychainKey.Scope.GLOBAL;
          case "shared" -> KeychainKey.Scope.SHARED;
          case "local" -> KeychainKey.Scope.LOCAL;
          default ->
              throw Members.fault(
                  "scope_type",
                  "Expected scope_type to be local, global or shared, but got '" + scopeType + "'");
        };
    if (scope == KeychainKey.Scope.LOCAL && execution == null) {
      throw Members.missing("execution_id");
    }
    return new KeychainKey(call.pathId("catalog_id"), name, scope, execution);
  }

  private static Map<String, @Nullable Object> head(Call call, String status, KeychainKey key) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", status);
    out.put("keychain_name", key.name());
    out.put("catalog_id", call.path("catalog_id"));
    out.put("cache_key", key.text());
    return out;
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }

  private static void put(Map<String, @Nullable Object> out, String name, @Nullable Object value) {
    if (value != null) {
      out.put(name, value);
    }
  }
}
