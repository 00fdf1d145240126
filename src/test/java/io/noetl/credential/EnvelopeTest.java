package io.noetl.credential;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.config.CredentialsConfig;
import io.noetl.config.Secret;
import io.noetl.credential.Envelope.Place;
import io.noetl.credential.Envelope.Sealed;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvelopeTest {
  private static final Secret OLD = key("the old key of a test, 32 bytes.");
  private static final Secret NEW = key("the new key of a test, 32 bytes.");
  private static final Place PLACE = new Place("default", "pg", 7, "Credential 'pg'");
  private static final byte[] SECRET = "{\"password\":\"hunter2\"}".getBytes(UTF_8);

  private final Envelope envelope = envelope(OLD);

  static Secret key(String bytes) {
    return new Secret(Base64.getEncoder().encodeToString(bytes.getBytes(UTF_8)));
  }

  static Envelope envelope(Secret current, Secret... others) {
    return new Envelope(
        Keys.of(new CredentialsConfig(current, List.of(others), 100)), new SecureRandom());
  }

  @Test
  void opensWhatItSealed() {
    Sealed sealed = envelope.seal(PLACE, SECRET);

    assertThat(envelope.open(PLACE, sealed)).isEqualTo(SECRET);
    assertThat(new String(sealed.sealed(), UTF_8)).doesNotContain("hunter2");
  }

  @Test
  void usesAnotherKeyAndNonceEachTime() {
    Sealed one = envelope.seal(PLACE, SECRET);
    Sealed two = envelope.seal(PLACE, SECRET);

    assertThat(one.sealed()).isNotEqualTo(two.sealed());
    assertThat(one.wrappedKey()).isNotEqualTo(two.wrappedKey());
    assertThat(one.keyId()).isEqualTo(two.keyId()).hasSize(16);
  }

  @Test
  void refusesARowThatWasMovedToAnotherTenantNameOrVersion() {
    Sealed sealed = envelope.seal(PLACE, SECRET);

    for (Place other :
        List.of(
            new Place("other", "pg", 7, "Credential 'pg'"),
            new Place("default", "pg2", 7, "Credential 'pg'"),
            new Place("default", "pg", 8, "Credential 'pg'"))) {
      assertThatThrownBy(() -> envelope.open(other, sealed))
          .isInstanceOf(UnreadableSecretException.class)
          .hasMessageContaining("Credential 'pg' cannot be decrypted");
    }
  }

  @Test
  void refusesEveryChangedByte() {
    Sealed sealed = envelope.seal(PLACE, SECRET);
    for (int i = 0; i < sealed.sealed().length; i++) {
      byte[] changed = sealed.sealed().clone();
      changed[i] ^= 1;
      refuses(new Sealed(sealed.keyId(), sealed.wrappedKey(), changed));
    }
    for (int i = 0; i < sealed.wrappedKey().length; i++) {
      byte[] changed = sealed.wrappedKey().clone();
      changed[i] ^= 1;
      refuses(new Sealed(sealed.keyId(), changed, sealed.sealed()));
    }
    refuses(new Sealed(sealed.keyId(), new byte[3], sealed.sealed()));
    refuses(new Sealed(sealed.keyId(), sealed.wrappedKey(), new byte[0]));
  }

  private void refuses(Sealed sealed) {
    assertThatThrownBy(() -> envelope.open(PLACE, sealed))
        .isInstanceOfSatisfying(
            UnreadableSecretException.class,
            e -> assertThat(e.reason()).isEqualTo(UnreadableSecretException.Cause.CHANGED));
  }

  @Test
  void saysWhichKeyIsMissing() {
    Sealed sealed = envelope.seal(PLACE, SECRET);

    assertThatThrownBy(() -> envelope(NEW).open(PLACE, sealed))
        .isInstanceOfSatisfying(
            UnreadableSecretException.class,
            e -> assertThat(e.reason()).isEqualTo(UnreadableSecretException.Cause.KEY_MISSING))
        .hasMessage(
            "Credential 'pg' is encrypted under key "
                + sealed.keyId()
                + ", which this server does not have (credentials.key, credentials.other-keys)");
  }

  @Test
  void wrapsAnewUnderTheCurrentKeyAndLeavesTheSecretAsItIs() {
    Sealed old = envelope.seal(PLACE, SECRET);

    Sealed rewrapped = envelope(NEW, OLD).rewrapped(PLACE, old);

    assertThat(rewrapped.keyId()).isNotEqualTo(old.keyId());
    assertThat(rewrapped.sealed()).isEqualTo(old.sealed());
    assertThat(envelope(NEW).open(PLACE, rewrapped)).isEqualTo(SECRET);
  }

  @Test
  void aServerWithoutKeyIsToldHowToMakeOne() {
    assertThatThrownBy(() -> Keys.of(CredentialsConfig.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("NOETL_CREDENTIALS_KEY")
        .hasMessageContaining("openssl rand -base64 32");
  }

  @Test
  void showsNoKeyInWords() {
    assertThat(Keys.of(new CredentialsConfig(OLD, List.of(NEW), 1)).toString())
        .doesNotContain(OLD.reveal())
        .doesNotContain("the old key");
    assertThat(new CredentialsConfig(OLD, List.of(NEW), 1).toString())
        .doesNotContain(OLD.reveal())
        .doesNotContain(NEW.reveal());
  }
}
