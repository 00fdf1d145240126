package io.noetl.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubjectsTest {

  @Test
  void namesWhereAMessageGoes() {
    assertThat(Subjects.event("acme", 3, 123456789012345678L))
        .isEqualTo("noetl.events.acme.3.123456789012345678");
    assertThat(Subjects.command("system", 7)).isEqualTo("noetl.commands.system.7");
    assertThat(Subjects.eventsOfShard(3)).isEqualTo("noetl.events.*.3.*");
    assertThat(Subjects.eventsOfTenant("acme")).isEqualTo("noetl.events.acme.>");
    assertThat(Subjects.commandsOfPool("system")).isEqualTo("noetl.commands.system.>");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a.b", "*", ">", "a b", "ä", "a/b", "a\n"})
  void refusesTenantsAndPoolsThatAreNoTokens(String value) {
    assertThat(Subjects.isToken(value)).isFalse();
    assertThatThrownBy(() -> Subjects.event(value, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tenant");
    assertThatThrownBy(() -> Subjects.command(value, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pool");
    assertThatThrownBy(() -> Subjects.commandsOfPool(value))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void boundsTheLengthOfATokenAndTheShard() {
    assertThat(Subjects.isToken("x".repeat(64))).isTrue();
    assertThat(Subjects.isToken("x".repeat(65))).isFalse();
    assertThatThrownBy(() -> Subjects.event("acme", -1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Subjects.shardOf(1, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  /** Computed with the reference implementation. */
  @ParameterizedTest
  @CsvSource({
    "0, 34c96acdcadb1bbb",
    "1, 9f29cb17a2a49995",
    "2, eac73e4044e82db0",
    "42, b556806fb6d14353",
    "4194304, 2c0c29e9477be90e",
    "4206592, 762a3bee0542f204",
    "123456789012345678, 55f33315d6720e77",
    "578437695752307201, 814c43eb29646e14",
    "9223372036854775807, ff70cc60366e770c",
  })
  void hashesLikeXxHash64(long value, String expected) {
    assertThat(Long.toHexString(Subjects.hash(value))).isEqualTo(expected);
  }

  @Test
  void takesTheHashAsUnsigned() {
    assertThat(Subjects.shardOf(1, 16)).isEqualTo(5);
    assertThat(Subjects.shardOf(1, 7)).isEqualTo(4);
    assertThat(Subjects.shardOf(Long.MAX_VALUE, 7)).isEqualTo(5);
  }

  @Test
  void spreadsSnowflakesEvenly() {
    int shards = 16;
    int perShard = 1_000;
    int[] counts = new int[shards];

    for (long i = 0; i < (long) shards * perShard; i++) {
      counts[Subjects.shardOf((60_000_000_000L + i * 37) << 22 | 5L << 12, shards)]++;
    }

    assertThat(Arrays.stream(counts)).allMatch(count -> count > 850 && count < 1150);
  }

  @ParameterizedTest
  @CsvSource({
    "noetl.events.*.3.*, noetl.events.acme.3.1, true",
    "noetl.events.*.3.*, noetl.events.acme.33.1, false",
    "noetl.events.*.3.*, noetl.events.acme.3.1.2, false",
    "noetl.events.*.3.*, noetl.events.acme.3, false",
    "noetl.commands.system.>, noetl.commands.system.1, true",
    "noetl.commands.system.>, noetl.commands.system, false",
    "noetl.commands.system.>, noetl.commands.systems.1, false",
    "noetl.commands.>, noetl.commands.system.1, true",
  })
  void matchesFilters(String filter, String subject, boolean expected) {
    assertThat(Subjects.matches(filter, subject)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "noetl.commands.>, noetl.commands.system.>, true",
    "noetl.commands.*.1, noetl.commands.system.*, true",
    "noetl.commands.a.>, noetl.commands.b.>, false",
    "noetl.commands.a.1, noetl.commands.a.2, false",
  })
  void knowsFiltersThatOverlap(String one, String other, boolean expected) {
    assertThat(Subjects.overlaps(one, other)).isEqualTo(expected);
    assertThat(Subjects.overlaps(other, one)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "noetl.events.*.1.*",
        "noetl.commands",
        "noetl.commands.",
        "noetl.commands.>.1",
        "noetl.commands.a*",
        "noetl.commands.a..b",
        ">"
      })
  void refusesFiltersOutsideTheStream(String filter) {
    assertThatThrownBy(() -> Subjects.requireFilter(BusStream.COMMANDS, filter))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + filter + "'");
  }
}
