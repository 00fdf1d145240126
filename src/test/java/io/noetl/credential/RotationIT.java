package io.noetl.credential;

import static io.noetl.credential.EnvelopeTest.envelope;
import static io.noetl.credential.EnvelopeTest.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.config.Secret;
import io.noetl.postgres.Database;
import io.noetl.testing.Databases;
import io.noetl.testing.TestPostgres;
import io.noetl.testing.Waiting;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RotationIT {
  private static final Secret OLD = key("the old key of a test, 32 bytes.");
  private static final Secret NEW = key("the new key of a test, 32 bytes.");

  private Database database;
  private final AtomicLong ids = new AtomicLong(1000);

  @BeforeEach
  void open() {
    database = TestPostgres.open();
  }

  @AfterEach
  void close() {
    database.close();
  }

  private CredentialStore store(Envelope envelope) {
    return new CredentialStore(database, envelope, ids::incrementAndGet);
  }

  private static CredentialSpec spec(String name, String password) {
    return new CredentialSpec(name, "basic", Map.of("password", password), null, null, null, null);
  }

  private long under(String keyId) throws Exception {
    return Databases.count(
        database.config(),
        "select (select count(*) from noetl.credential where key_id = '"
            + keyId
            + "') + (select count(*) from noetl.keychain_entry where key_id = '"
            + keyId
            + "')");
  }

  @Test
  void readsAndRewrapsWhatAnOlderKeyWrote() throws Exception {
    CredentialStore before = store(envelope(OLD));
    for (int i = 0; i < 7; i++) {
      before.put("default", spec("c" + i, "password-" + i));
    }
    KeychainKey entry = new KeychainKey(5, "tok", KeychainKey.Scope.GLOBAL, null);
    new KeychainStore(database, envelope(OLD), ids::incrementAndGet)
        .put(
            "default",
            entry,
            new KeychainValue(
                Map.of("data", Map.of("t", "token-1")), null, null, null, null, false));
    Envelope after = envelope(NEW, OLD);

    assertThat(store(after).open("default", "c3").orElseThrow().data())
        .containsEntry("password", "password-3");
    Rewrap.Result result = new Rewrap(database, after, 3).rewrap();

    assertThat(result).isEqualTo(new Rewrap.Result(8, 0));
    assertThat(under(after.keys().current())).isEqualTo(8);
    Envelope alone = envelope(NEW);
    for (int i = 0; i < 7; i++) {
      assertThat(store(alone).open("default", "c" + i).orElseThrow().data())
          .containsEntry("password", "password-" + i);
    }
    assertThat(
            new KeychainStore(database, alone, ids::incrementAndGet)
                .get("default", entry)
                .orElseThrow()
                .secret())
        .containsEntry("data", Map.of("t", "token-1"));
    assertThat(new Rewrap(database, after, 3).rewrap()).isEqualTo(new Rewrap.Result(0, 0));
  }

  @Test
  void leavesWhatItCannotReadAndSaysHowMany() throws Exception {
    store(envelope(OLD)).put("default", spec("lost", "password"));
    Envelope other = envelope(NEW);
    store(other).put("default", spec("mine", "password"));

    assertThat(new Rewrap(database, other, 1).rewrap()).isEqualTo(new Rewrap.Result(0, 1));

    assertThat(under(other.keys().current())).isEqualTo(1);
    assertThatThrownBy(() -> store(other).open("default", "lost"))
        .isInstanceOf(UnreadableSecretException.class)
        .hasMessageContaining("Credential 'lost' is encrypted under key");
  }

  @Test
  void doesItInTheBackgroundAfterTheStart() {
    store(envelope(OLD)).put("default", spec("c", "password"));
    Envelope after = envelope(NEW, OLD);
    try (Rewrap rewrap = new Rewrap(database, after, 100)) {
      rewrap.start();

      Waiting.until(
          Duration.ofSeconds(10),
          () -> "the row keeps its key",
          () -> {
            try {
              return under(after.keys().current()) == 1;
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          });
    }
  }

  @Test
  void noticesARowThatWasChangedInTheDatabase() throws Exception {
    CredentialStore store = store(envelope(OLD));
    store.put("default", spec("a", "password-a"));
    store.put("default", spec("b", "password-b"));
    Databases.execute(
        database.config(),
        """
        update noetl.credential a
           set sealed = b.sealed, wrapped_key = b.wrapped_key, version = b.version
          from noetl.credential b where a.name = 'a' and b.name = 'b'
        """);

    assertThatThrownBy(() -> store.open("default", "a"))
        .isInstanceOf(UnreadableSecretException.class)
        .hasMessage(
            "Credential 'a' cannot be decrypted: its row is not what was written; store it again");
    assertThat(store.open("default", "b").orElseThrow().data())
        .containsEntry("password", "password-b");
  }

  @Test
  void keepsTenantsApart() {
    CredentialStore store = store(envelope(OLD));
    store.put("one", spec("c", "password-1"));
    store.put("two", spec("c", "password-2"));

    assertThat(store.open("one", "c").orElseThrow().data()).containsEntry("password", "password-1");
    assertThat(store.open("three", "c")).isEmpty();
    assertThat(store.list("two", null, null, 10, 0)).hasSize(1);
    assertThat(store.delete("two", "c")).isPresent();
    assertThat(store.find("one", "c")).isPresent();
  }
}
