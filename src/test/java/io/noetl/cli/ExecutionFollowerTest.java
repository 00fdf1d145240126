package io.noetl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExecutionFollowerTest {
  private static final int EVENTS = RecordedEvents.lines().size();

  private final List<Object> seqs = new ArrayList<>();
  private final List<String> troubles = new ArrayList<>();
  private FakeServer server;

  @BeforeEach
  void start() throws Exception {
    server = new FakeServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void handsOnEveryEventAndTheFinalStatus() {
    assertThat(follow()).isEqualTo("COMPLETED");

    assertEachEventOnce();
    assertThat(troubles).isEmpty();
  }

  @Test
  void resumesAfterTheLastEventWhenTheStreamBreaks() {
    server.cuts.addAll(List.of(5, 0, 3));

    assertThat(follow()).isEqualTo("COMPLETED");

    assertEachEventOnce();
    assertThat(server.requests)
        .containsExactly(
            "GET /api/executions/42/events",
            "GET /api/executions/42/events after 5",
            "GET /api/executions/42/events after 5",
            "GET /api/executions/42/events after 8");
  }

  @Test
  void showsNoEventTwiceWhenTheServerResumesTooEarly() {
    server.cuts.add(7);
    server.repeat = 4;

    follow();

    assertEachEventOnce();
  }

  @Test
  void ridesOutAServerThatIsNotReady() {
    server.unavailable = 2;

    assertThat(follow()).isEqualTo("COMPLETED");

    assertEachEventOnce();
    assertThat(troubles).containsExactly("starting", "starting");
  }

  @Test
  void givesUpOnASilentStreamAndOpensAnother() {
    server.silent = 1;
    ExecutionFollower follower =
        new ExecutionFollower(
            new ApiClient(server.base()), Duration.ofSeconds(30), Duration.ofMillis(200));

    assertThat(follower.follow("42", e -> seqs.add(e.get("seq")), troubles::add))
        .isEqualTo("COMPLETED");

    assertEachEventOnce();
  }

  @Test
  void saysThatTheServerStaysOutOfReach() {
    URI gone = server.base();
    server.close();
    ExecutionFollower follower =
        new ExecutionFollower(new ApiClient(gone), Duration.ofMillis(150), Duration.ofSeconds(5));

    assertThatThrownBy(() -> follower.follow("42", _ -> {}, troubles::add))
        .isInstanceOf(UnreachableException.class)
        .hasMessageContaining("Expected a noetl server at " + gone)
        .hasMessageContaining("nothing listens there");
    assertThat(troubles).isNotEmpty();
  }

  @Test
  void doesNotRetryWhatTheServerRefuses() {
    ExecutionFollower follower = new ExecutionFollower(new ApiClient(server.base()));

    assertThatThrownBy(() -> follower.follow("43", _ -> {}, troubles::add))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo("not_found"));
    assertThat(server.requests).hasSize(1);
  }

  private String follow() {
    return new ExecutionFollower(new ApiClient(server.base()))
        .follow("42", event -> seqs.add(event.get("seq")), troubles::add);
  }

  private void assertEachEventOnce() {
    assertThat(seqs)
        .isEqualTo(new ArrayList<Object>(LongStream.rangeClosed(1, EVENTS).boxed().toList()));
  }
}
