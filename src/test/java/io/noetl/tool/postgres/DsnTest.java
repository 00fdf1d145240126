package io.noetl.tool.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.tool.InvalidConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DsnTest {
  @Test
  void readsUrlsOfBothKinds() {
    assertThat(Dsn.parse("postgresql://u:p%40ss@db.example:6543/app?sslmode=require"))
        .isEqualTo(
            Map.of(
                "user", "u",
                "password", "p@ss",
                "host", "db.example",
                "port", "6543",
                "database", "app",
                "sslmode", "require"));
    assertThat(Dsn.parse("jdbc:postgresql://[::1]:5432/app?user=u&currentSchema=s&ssl=true"))
        .isEqualTo(
            Map.of(
                "host", "::1",
                "port", "5432",
                "database", "app",
                "user", "u",
                "schema", "s",
                "sslmode", "require"));
    assertThat(Dsn.parse("postgres://h/d")).isEqualTo(Map.of("host", "h", "database", "d"));
    assertThat(Dsn.parse("postgresql+psycopg2://u@h/d"))
        .isEqualTo(Map.of("user", "u", "host", "h", "database", "d"));
    assertThat(Dsn.parse("postgresql:///d?host=/socket"))
        .isEqualTo(Map.of("database", "d", "host", "/socket"));
  }

  @Test
  void readsWords() {
    assertThat(Dsn.parse("host=h port=1 dbname = d user=u password='a b\\'c' connect_timeout=3"))
        .isEqualTo(
            Map.of("host", "h", "port", "1", "database", "d", "user", "u", "password", "a b'c"));
  }

  @Test
  void refusesWhatItDoesNotKnowWithoutShowingIt() {
    assertThatThrownBy(() -> Dsn.parse("mysql://u:secret@h/d"))
        .isInstanceOf(InvalidConfig.class)
        .hasMessageContaining("expected field 'connection_string' to be jdbc:postgresql://")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> Dsn.parse("postgresql://h/d?socketFactory=java.lang.Object"))
        .hasMessageContaining("known parameters, and it has 'socketFactory'");
    assertThatThrownBy(() -> Dsn.parse("postgresql://a,b/d"))
        .hasMessageContaining("to name one host");
    assertThatThrownBy(() -> Dsn.parse("postgresql://h/%zz")).hasMessageContaining("percent signs");
  }
}
