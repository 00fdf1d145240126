package io.noetl.pool;

import io.noetl.json.Json;
import io.noetl.playbook.Tool;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.template.TemplateObject;
import io.noetl.playbook.template.Templates;
import io.noetl.pool.KeychainEntries.Unresolved;
import io.noetl.pool.KeychainEntries.Value;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.ToolCall.LineLog;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.sequence.CommandContext;
import io.noetl.tool.sequence.CommandResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secrets of one running command: found by name, shown to templates as {@code keychain}, and
 * hidden in what the command tells. Safe for use by the threads of its tools.
 */
final class CommandSecrets {
  private static final Logger log = LoggerFactory.getLogger(CommandSecrets.class);
  private static final String KEYCHAIN = "keychain";

  /** How long a command keeps a value: shorter than what is left of a token when it is renewed. */
  private static final Duration VALUE_LIFE = Duration.ofSeconds(30);

  /** How long it does not try again what had no value. */
  private static final Duration REASON_LIFE = Duration.ofSeconds(2);

  private final SecretStore store;
  private final KeychainEntries entries;
  private final KeychainCache cache;
  private final Templates templates;
  private final InstantSource clock;
  private final boolean failUnresolved;
  private final CommandContext command;
  private final Identity identity;
  private final Redaction redaction = new Redaction();
  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private final Set<String> warned = new HashSet<>();

  CommandSecrets(
      SecretStore store,
      KeychainEntries entries,
      KeychainCache cache,
      Templates templates,
      InstantSource clock,
      boolean failUnresolved,
      CommandContext command,
      Identity identity) {
    this.store = store;
    this.entries = entries;
    this.cache = cache;
    this.templates = templates;
    this.clock = clock;
    this.failUnresolved = failUnresolved;
    this.command = command;
    this.identity = identity;
  }

  /**
   * The keychain entry of the playbook with this name, else the stored credential.
   *
   * @throws CredentialException when there is neither, or it cannot be had now
   */
  Credential get(String name) throws InterruptedException {
    String reason = "";
    try {
      Credential entry = known(name);
      if (entry != null) {
        return handedOut(entry);
      }
    } catch (Unresolved e) {
      reason = " (keychain entry '" + name + "' is not resolved: " + e.getMessage() + ")";
    }
    Credential stored = store.find(name, identity);
    if (stored == null) {
      CredentialException none = CredentialException.notFound(name);
      throw reason.isEmpty() ? none : new CredentialException(none.getMessage() + reason);
    }
    return handedOut(stored);
  }

  /** A value, or why there is none, until a time of {@link System#nanoTime}. */
  private record Known(@Nullable Credential value, @Nullable String reason, long end) {}

  /** As {@link #entry}, and remembers for a while what it came to. */
  private @Nullable Credential known(String name) throws Unresolved, InterruptedException {
    Known before = known.get(name);
    if (before != null && before.end() - System.nanoTime() > 0) {
      if (before.reason() != null) {
        throw new Unresolved(before.reason());
      }
      return before.value();
    }
    try {
      Value value = entry(name, Set.of());
      Credential credential = value == null ? null : value.credential();
      known.put(name, new Known(credential, null, System.nanoTime() + life(value).toNanos()));
      return credential;
    } catch (Unresolved e) {
      known.put(name, new Known(null, e.getMessage(), System.nanoTime() + REASON_LIFE.toNanos()));
      throw e;
    }
  }

  /** How long this command goes without asking again. */
  private Duration life(@Nullable Value value) {
    Instant expires = value == null ? null : value.expires();
    if (expires == null) {
      return VALUE_LIFE;
    }
    Duration left = Duration.between(clock.instant(), expires);
    return left.compareTo(VALUE_LIFE) < 0 ? left : VALUE_LIFE;
  }

  /** A secret made from one that was handed out. */
  void derived(String secret) {
    redaction.add(secret);
  }

  /** What the command knows of this credential is secret from now on. */
  void hide(Credential credential) {
    redaction.add(credential.data());
  }

  /** The text without secrets. */
  String clean(String text) {
    return redaction.text(text);
  }

  /** The members without secrets. */
  Map<String, @Nullable Object> cleaned(Map<String, @Nullable Object> members) {
    return redaction.members(members);
  }

  private Credential handedOut(Credential credential) {
    hide(credential);
    return credential;
  }

  /**
   * The value of a declared entry; null when none of that name is declared.
   *
   * @param resolving entries that are being resolved: one that refers to its own name means the
   *     stored credential
   */
  private @Nullable Value entry(String name, Set<String> resolving)
      throws Unresolved, InterruptedException {
    if (resolving.contains(name)) {
      return null;
    }
    Map<String, @Nullable Object> declared = declared(name);
    if (declared == null) {
      return null;
    }
    Set<String> more = new HashSet<>(resolving);
    more.add(name);
    try {
      Map<String, @Nullable Object> fields = rendered(declared, more);
      KeychainCache.Maker maker = () -> entries.resolve(name, fields, identity, lookup(more));
      Duration life = entries.life(fields);
      return life == null
          ? maker.make()
          : cache.get(key(fields), life, truthy(fields.get("auto_renew")), maker);
    } catch (InvalidConfig | TemplateException e) {
      throw new Unresolved(String.valueOf(e.getMessage()));
    }
  }

  private KeychainEntries.Lookup lookup(Set<String> resolving) {
    return wanted -> {
      try {
        Value inner = entry(wanted, resolving);
        return handedOutOrNull(inner == null ? store.find(wanted, identity) : inner.credential());
      } catch (Unresolved e) {
        return handedOutOrNull(store.find(wanted, identity));
      }
    };
  }

  /** What a kept value depends on: its fields, and for whom it is. */
  private String key(Map<String, @Nullable Object> fields) {
    boolean local = "local".equals(String.valueOf(fields.get("scope")).strip());
    Object playbook = command.environment().get("catalog_id");
    return identity.tenantId()
        + (local ? " execution " + identity.executionId() : " playbook " + playbook)
        + " "
        + Json.text(fields);
  }

  private static boolean truthy(@Nullable Object value) {
    return Boolean.TRUE.equals(value) || "true".equals(value);
  }

  private @Nullable Credential handedOutOrNull(@Nullable Credential credential) {
    return credential == null ? null : handedOut(credential);
  }

  private @Nullable Map<String, @Nullable Object> declared(String name)
      throws InterruptedException {
    Map<String, @Nullable Object> found = null;
    for (Map<String, @Nullable Object> entry : declared()) {
      if (name.equals(entry.get("name"))) {
        found = entry; // of two with one name the last counts
      }
    }
    return found;
  }

  private List<Map<String, @Nullable Object>> declared() throws InterruptedException {
    return command.environment().get("catalog_id") instanceof String catalogId
        ? store.declared(catalogId, identity)
        : List.of();
  }

  /** The fields of an entry, which see the workload and other entries. */
  private Map<String, @Nullable Object> rendered(
      Map<String, @Nullable Object> entry, Set<String> resolving) {
    Map<String, @Nullable Object> names = new LinkedHashMap<>(command.workload());
    names.put("workload", command.workload());
    names.putAll(command.environment());
    names.put(KEYCHAIN, new View(resolving));
    Scope scope = Scope.of(names, clock.instant());
    Map<String, @Nullable Object> rendered = new LinkedHashMap<>();
    entry.forEach((name, value) -> rendered.put(name, templates.render(value, scope)));
    return rendered;
  }

  /**
   * Resolves what the command mentions, so that its templates need not wait: they have a time
   * limit. What cannot be resolved is dealt with when a template reads it.
   */
  void prepare() throws InterruptedException {
    Set<String> words = new HashSet<>();
    if (command.input() instanceof Map<?, ?> input) {
      command.deferred().forEach(name -> words.addAll(Templates.words(input.get(name))));
    }
    switch (command.work()) {
      case Tool.Single single -> words.addAll(Templates.words(single.spec().source()));
      case Tool.Sequence sequence ->
          sequence.tasks().forEach(task -> words.addAll(Templates.words(task.spec().source())));
    }
    if (!words.contains(KEYCHAIN)) {
      return;
    }
    try {
      for (Map<String, @Nullable Object> entry : declared()) {
        String name = String.valueOf(entry.get("name"));
        if (words.contains(name)) {
          prepare(name);
        }
      }
    } catch (CredentialException e) {
      log.debug("not resolved ahead: {}", e.getMessage());
    }
  }

  private void prepare(String name) throws InterruptedException {
    try {
      known(name);
    } catch (Unresolved e) {
      log.debug("not resolved ahead: {}", redaction.text(String.valueOf(e.getMessage())));
    }
  }

  /** The names that only a worker has. */
  Map<String, Object> names() {
    return Map.of(KEYCHAIN, new View(Set.of()));
  }

  /** What templates see as {@code keychain}; it is nothing by itself, only its members are. */
  private final class View implements TemplateObject {
    private final Set<String> resolving;

    View(Set<String> resolving) {
      this.resolving = resolving;
    }

    @Override
    public @Nullable Object member(String name) {
      try {
        Credential found = resolving.isEmpty() ? known(name) : inner(name);
        if (found != null) {
          return handedOut(found).data();
        }
        return unresolved(
            name,
            resolving.contains(name)
                ? "it refers to itself"
                : "the playbook declares no such entry");
      } catch (Unresolved e) {
        return unresolved(name, String.valueOf(e.getMessage()));
      } catch (CredentialException e) {
        throw new TemplateException("keychain entry '" + name + "': " + e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TemplateException("keychain entry '" + name + "': interrupted");
      }
    }

    private @Nullable Credential inner(String name) throws Unresolved, InterruptedException {
      Value value = entry(name, resolving);
      return value == null ? null : value.credential();
    }

    @Override
    public Object element(int index) {
      return UNDEFINED;
    }

    @Override
    public Object plain() {
      return Map.of();
    }
  }

  private Object unresolved(String name, String reason) {
    if (failUnresolved) {
      throw new TemplateException("keychain entry '" + name + "' is not resolved: " + reason);
    }
    synchronized (warned) {
      if (warned.add(name)) {
        log.warn(
            "keychain entry '{}' is not resolved, and reads as undefined: {} (execution={},"
                + " step={})",
            name,
            redaction.text(reason),
            identity.executionId(),
            identity.step());
      }
    }
    return TemplateObject.UNDEFINED;
  }

  /** The log without secrets. */
  LineLog lines(LineLog to) {
    return (stream, line) -> to.line(stream, redaction.text(line));
  }

  /** A value without secrets. */
  @Nullable Object clean(@Nullable Object value) {
    return redaction.value(value);
  }

  /** The result without secrets. */
  CommandResult redacted(CommandResult result) {
    return redaction.result(result);
  }
}
