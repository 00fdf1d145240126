package io.noetl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Turns, without a database. */
final class FairShareTest {
  private static final Duration EVERY = Duration.ofMillis(200);

  private final Map<String, Set<String>> waiting = new HashMap<>();
  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicLong now = new AtomicLong();
  private final FairShare shares =
      new FairShare(
          () -> {
            looks.incrementAndGet();
            return Map.copyOf(waiting);
          },
          EVERY,
          new FairnessMetrics(new SimpleMeterRegistry()),
          now::get);

  private void look() throws SQLException {
    now.addAndGet(EVERY.toNanos());
    shares.look();
  }

  private String turns(int count) {
    List<String> turns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      turns.add(shares.turn("p", null));
    }
    return String.join("", turns);
  }

  @Test
  void aPoolOfOneTenantIsNotShared() throws SQLException {
    waiting.put("p", Set.of("a"));
    look();

    assertThat(shares.shared("p")).isFalse();
    assertThat(shares.turn("p", "a")).isEqualTo("a");
    assertThat(shares.room("p", "a", 7)).isEqualTo(7);
  }

  @Test
  void looksNoMoreOftenThanItMay() throws SQLException {
    shares.look();
    shares.look();
    now.addAndGet(EVERY.toNanos() - 1);
    shares.look();
    assertThat(looks).hasValue(1);

    now.incrementAndGet();
    shares.look();
    assertThat(looks).hasValue(2);
  }

  @Test
  void tenantsTakeTurns() throws SQLException {
    waiting.put("p", Set.of("a", "b", "c"));
    look();

    assertThat(turns(9)).isEqualTo("abcabcabc");
  }

  @Test
  void whoComesLaterIsNextButIsNotPaidForItsAbsence() throws SQLException {
    waiting.put("p", Set.of("a", "b"));
    look();
    turns(100);

    waiting.put("p", Set.of("a", "b", "c"));
    look();

    String next = turns(9);
    assertThat(next.substring(0, 3)).contains("a", "b", "c");
    assertThat(next.chars().filter(c -> c == 'c').count()).isEqualTo(3);
  }

  @Test
  void aTenantThatCameShortPaysNothingAndIsPassedBy() throws SQLException {
    waiting.put("p", Set.of("a", "b"));
    look();
    assertThat(turns(1)).isEqualTo("a");

    shares.gone("p", "a", 1);

    assertThat(turns(3)).isEqualTo("bbb");
    look();
    assertThat(turns(5)).as("it makes up for it").isEqualTo("aaaab");
  }

  @Test
  void aTenantThatIsOnlyKnownByItsHintHasATurnToo() throws SQLException {
    waiting.put("p", Set.of("a", "b"));
    look();
    turns(2);
    shares.gone("p", "a", 0);
    shares.gone("p", "b", 0);

    assertThat(shares.turn("p", "z")).isEqualTo("z");
    assertThat(shares.turn("p", null)).isNull();
  }

  @Test
  void goingOnWithItsOwnIsATurn() throws SQLException {
    waiting.put("p", Set.of("a", "b"));
    look();

    assertThat(shares.room("p", "a", 5)).as("one turn, not five").isEqualTo(1);
    shares.served("p", "a", 1);
    assertThat(shares.room("p", "a", 5)).isZero();
    assertThat(shares.turn("p", "a")).isEqualTo("b");
    assertThat(shares.room("p", "a", 5)).isEqualTo(1);
  }

  @Test
  void aPoolIsSharedUntilNobodyHasWaitedForAWhile() throws SQLException {
    waiting.put("p", Set.of("a", "b"));
    look();
    waiting.put("p", Set.of("a"));
    for (int i = 0; i < 50; i++) {
      look();
    }
    assertThat(shares.shared("p")).as("hints were exchanged, and a waits").isTrue();
    assertThat(shares.room("p", "a", 5)).as("nobody else waits").isEqualTo(5);

    waiting.clear();
    for (int i = 0; i < 9; i++) {
      look();
    }
    assertThat(shares.shared("p")).isTrue();
    look();
    assertThat(shares.shared("p")).isFalse();
  }
}
