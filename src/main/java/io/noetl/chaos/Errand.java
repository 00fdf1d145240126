package io.noetl.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What clients ask for: playbooks that together touch every way in which a step runs. Each takes a
 * number and comes to a result that is known beforehand. The texts are resources beside this class.
 */
enum Errand {
  /** One step. */
  SINGLE(6, "{\"n\":%1$d}"),
  /** Steps that each go through a worker, with data from one to the next. */
  CHAIN(5, "{\"n\":%2$d}"),
  /** Steps that each do something outside. */
  EFFECTS(5, "{\"done\":3}", "a", "b", "c"),
  /** A parallel loop, each round of which does something outside. */
  LOOP(4, "{\"count\":6}", "0", "1", "2", "3", "4", "5"),
  /** Children in a loop, and one that nobody waits for. */
  TREE(3, "{\"last\":%3$d,\"alone\":\"started\"}"),
  /** A plug-in in the system pool, then a worker. */
  PLUGIN(3, "{\"words\":%4$d}"),
  /** A step that takes longer than a lease. */
  LONG(1, "{\"n\":%1$d}", "long"),
  /** Waits for a child for less time than it takes, or so it seems. */
  IMPATIENT(1, "{\"how\":\"timeout\"}|{\"how\":\"success\"}"),
  /** Waits by the clock, a moment and then longer than a lease. */
  TIMERS(3, "{\"waited\":2}", "before", "between", "after"),
  /** Waits for two signals of one name, which come in order, early or twice. */
  SIGNALS(4, "{\"first\":%6$d,\"second\":%1$d}", "first", "second"),
  /** A step that fails twice and is tried again after a delay. */
  RETRIES(2, "{\"n\":%1$d}", "flaky"),
  /** Steps that need a stored credential, one as the tool's and one as an entry of a keychain. */
  SECRETS(2, "{\"n\":%7$d}", "secret"),
  /** A result that is too large for an event, and a step that reads it. */
  LARGE(2, "{\"n\":%8$d}"),
  /** Runs and runs, with a child, until it is cancelled. */
  CANCELLED(1, "{\"rounds\":%5$d}");

  /** The child of others; not started by itself. */
  static final String LEAF = "leaf";

  /** What a schedule starts; not started by clients. */
  static final String TICK = "tick";

  /** What {@link #SECRETS} may use. */
  static final Map<String, Object> CREDENTIAL =
      Map.of("name", "chaos_service", "type", "bearer", "data", Map.of("token", "open-sesame"));

  /** Rounds of {@link #CANCELLED}, unless it is cancelled. */
  static final int ROUNDS = 60;

  private final int weight;
  private final String results;
  private final String effects;

  /**
   * @param weight how often it is asked for, compared with the others
   * @param results allowed, separated by bars
   * @param effects names of what it does outside
   */
  Errand(int weight, String results, String... effects) {
    this.weight = weight;
    this.results = results;
    this.effects = String.join(" ", effects);
  }

  int weight() {
    return weight;
  }

  String path() {
    return "chaos/" + word();
  }

  String text() {
    return text(word());
  }

  /** Each result that the run of this number may come to, as JSON. */
  List<String> results(int n) {
    return List.of(
        results
            .formatted(n + 1, 4L * (n + 1) * (n + 1), 301 + n, 4 + n, ROUNDS, n, n + 11, n + 20_000)
            .split("\\|"));
  }

  /** Names of its effects, each of which happens at least once. */
  List<String> effects() {
    return effects.isEmpty() ? List.of() : List.of(effects.split(" ", -1));
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The text of a playbook of this name. */
  static String text(String word) {
    return new String(resource(word + ".yaml"), StandardCharsets.UTF_8);
  }

  /** The plug-in that {@link #PLUGIN} calls. */
  static byte[] plugin() {
    return resource("word-count.wasm");
  }

  private static byte[] resource(String name) {
    try (InputStream in = Errand.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("Expected resource " + name + ", but the jar lacks it");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
