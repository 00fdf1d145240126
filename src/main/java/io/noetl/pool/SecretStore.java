package io.noetl.pool;

import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import io.noetl.support.Backoff;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the server knows of secrets: stored credentials, kept a short time for the execution that
 * asked, and the keychain blocks of playbooks, which never change. Safe for use by many threads.
 */
final class SecretStore {
  private static final Logger log = LoggerFactory.getLogger(SecretStore.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private final ServerClient server;
  private final Duration life;
  private final Duration patience;
  private final LongSupplier nanos;
  private final Map<Key, Kept> credentials;
  private final Map<String, List<Map<String, @Nullable Object>>> keychains;

  /**
   * @param nanos a clock that only ever goes forward, such as {@link System#nanoTime}
   */
  SecretStore(ServerClient server, KeychainSettings settings, LongSupplier nanos) {
    this.server = server;
    this.life = settings.cache();
    this.patience = settings.patience();
    this.nanos = nanos;
    this.credentials = recent(settings.cacheEntries());
    this.keychains = recent(settings.cacheEntries());
  }

  private record Key(String tenant, String executionId, String name) {}

  private record Kept(Credential credential, long end) {}

  private static <K, V> Map<K, V> recent(int entries) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > entries;
      }
    };
  }

  /**
   * The stored credential of this name; null when there is none.
   *
   * @throws CredentialException when the server cannot give it
   */
  @Nullable Credential find(String name, Identity identity) throws InterruptedException {
    if (name.equals(".") || name.equals("..")) {
      return null; // they mean something else in an address
    }
    String executionId = identity.executionId();
    Key key = new Key(identity.tenantId(), executionId, name);
    synchronized (credentials) {
      Kept kept = credentials.get(key);
      if (kept != null && kept.end() - nanos.getAsLong() > 0) {
        return kept.credential();
      }
    }
    String path =
        "/api/credentials/" + encoded(name) + "?include_data=true&execution_id=" + executionId;
    Reply reply = asked(identity, path, "Credential '" + name + "'");
    if (reply.status() == 404) {
      return null;
    }
    Credential credential =
        new Credential(name, String.valueOf(reply.body().get("type")), members(reply, "data"));
    synchronized (credentials) {
      // What may not be used any more must not stay in memory either.
      long now = nanos.getAsLong();
      credentials.values().removeIf(kept -> kept.end() - now <= 0);
      credentials.put(key, new Kept(credential, now + life.toNanos()));
    }
    return credential;
  }

  /**
   * The entries of a playbook's keychain block as written; none when there is no such playbook.
   *
   * @throws CredentialException when the server cannot give them
   */
  List<Map<String, @Nullable Object>> declared(String catalogId, Identity identity)
      throws InterruptedException {
    String key = identity.tenantId() + "/" + catalogId;
    synchronized (keychains) {
      List<Map<String, @Nullable Object>> kept = keychains.get(key);
      if (kept != null) {
        return kept;
      }
    }
    Reply reply =
        asked(
            identity, "/api/keychain/catalog/" + encoded(catalogId) + "/declared", "The keychain");
    List<Map<String, @Nullable Object>> entries = new ArrayList<>();
    if (reply.ok() && reply.body().get("entries") instanceof List<?> items) {
      for (Object item : items) {
        if (item instanceof Map<?, ?> entry) {
          entries.add(strings(entry));
        }
      }
    }
    synchronized (keychains) {
      keychains.put(key, List.copyOf(entries));
    }
    return entries;
  }

  /**
   * A success or a 404; everything else is an exception. A server that cannot be reached is no
   * failure of the step, so it is asked until it answers or the command's lease is lost, which
   * interrupts this thread.
   */
  private Reply asked(Identity identity, String path, String what) throws InterruptedException {
    Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE, RandomGenerator.getDefault());
    Long refused = null;
    while (true) {
      try {
        Reply reply = server.as(identity.tenantId()).get(path);
        if (reply.ok() || reply.status() == 404) {
          return reply;
        }
        if (!passing(reply.status())) {
          throw new CredentialException(what + " cannot be had: " + reply.error());
        }
        long now = nanos.getAsLong();
        refused = refused == null ? (Long) now : refused;
        if (now - refused >= patience.toNanos()) {
          throw new CredentialException(
              what
                  + " cannot be had, after "
                  + patience
                  + " (keychain.patience): "
                  + reply.error());
        }
        log.warn("{} cannot be had now, asking again: {}", what, reply.error());
      } catch (UnreachableException e) {
        log.warn("{} cannot be had now, asking again: {}", what, e.getMessage());
        refused = null;
      }
      Thread.sleep(backoff.next());
    }
  }

  private static boolean passing(int status) {
    return switch (status) {
      case 401, 408, 429, 502, 503, 504 -> true;
      default -> false;
    };
  }

  private static Map<String, @Nullable Object> members(Reply reply, String name) {
    return reply.body().get(name) instanceof Map<?, ?> map ? strings(map) : Map.of();
  }

  private static Map<String, @Nullable Object> strings(Map<?, ?> map) {
    Map<String, @Nullable Object> strings = new LinkedHashMap<>();
    map.forEach((name, value) -> strings.put(String.valueOf(name), value));
    return strings;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
