package io.noetl.journey;

import io.noetl.testing.TestClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Playbooks that together touch every way in which a step runs. Each takes a number and comes to a
 * result that is known beforehand, so that a run which was disturbed can be told from a wrong one.
 *
 * @param result of the run with this number
 */
record Journey(String path, String yaml, IntFunction<Map<String, Object>> result) {
  private static final String HEADER =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: journey, path: %s}
      workload: {n: 0}
      workflow:
      """;

  static final String PLUGIN_PATH = "journey/word-count";

  /** Steps that each go through a worker, with data from one to the next. */
  static final Journey CHAIN =
      of(
          "journey/chain",
          """
            - step: start
              tool: {kind: python, input: {n: "{{ workload.n }}"}, code: "result = {'n': n + 1}"}
              next: double
            - step: double
              tool: {kind: python, input: {n: "{{ start.n }}"}, code: "result = {'n': n * 2}"}
              set: {ctx.doubled: "{{ output.data.n }}"}
              next: square
            - step: square
              tool: {kind: python, input: {n: "{{ ctx.doubled }}"}, code: "result = {'n': n * n}"}
              next: end
            - step: end
              tool: {kind: noop, result: {n: "{{ square.n }}"}}
          """,
          n -> Map.of("n", 4L * (n + 1) * (n + 1)));

  /** Steps that the server completes by itself, chosen by guards. */
  static final Journey ROUTES =
      of(
          "journey/routes",
          """
            - step: start
              tool: {kind: noop}
              set: {ctx.half: "{{ workload.n // 2 }}"}
              next:
                arcs:
                  - {step: even, when: "{{ workload.n % 2 == 0 }}"}
                  - {step: odd}
            - step: even
              tool: {kind: noop, result: {word: even}}
              next: end
            - step: odd
              tool: {kind: noop, result: {word: odd}}
              next: end
            - step: end
              tool: {kind: noop, result: {word: "{{ even.word or odd.word }}", half: "{{ ctx.half }}"}}
          """,
          n -> Map.of("word", n % 2 == 0 ? "even" : "odd", "half", (long) (n / 2)));

  /** Two workers side by side and a step that waits for both. */
  static final Journey JOIN =
      of(
          "journey/join",
          """
            - step: start
              tool: {kind: noop}
              next: [left, right]
            - step: left
              tool: {kind: python, input: {n: "{{ workload.n }}"}, code: "result = {'n': n + 10}"}
              next: sum
            - step: right
              tool: {kind: python, input: {n: "{{ workload.n }}"}, code: "result = {'n': n + 20}"}
              next: sum
            - step: sum
              tool: {kind: noop, result: {sum: "{{ left.n + right.n }}"}}
          """,
          n -> Map.of("sum", 2L * n + 30));

  /** A plug-in in the system pool, then a worker. */
  static final Journey PLUGIN =
      of(
          "journey/plugin",
          """
            - step: start
              tool:
                kind: wasm
                plugin: {path: journey/word-count}
                input: {text: "a b {{ workload.n }} a"}
              next: add
            - step: add
              tool:
                kind: python
                input: {words: "{{ start.words }}", n: "{{ workload.n }}"}
                code: "result = {'words': words + n}"
              next: end
            - step: end
              tool: {kind: noop, result: {words: "{{ add.words }}", most: "{{ start.top[0].word }}"}}
          """,
          n -> Map.of("words", 4L + n, "most", "a"));

  /** A back edge: the same step three times. */
  static final Journey ROUNDS =
      of(
          "journey/rounds",
          """
            - step: start
              tool: {kind: noop}
              set: {ctx.round: 0, ctx.total: 0}
              next: work
            - step: work
              tool:
                kind: python
                input: {round: "{{ ctx.round }}", n: "{{ workload.n }}"}
                code: "result = {'found': round + n}"
              set:
                ctx.round: "{{ ctx.round + 1 }}"
                ctx.total: "{{ ctx.total + output.data.found }}"
              next:
                arcs:
                  - {step: work, when: "{{ ctx.round < 3 }}"}
                  - {step: end}
            - step: end
              tool: {kind: noop, result: {total: "{{ ctx.total }}"}}
          """,
          n -> Map.of("total", 3L * n + 3));

  /** A parallel loop: several commands of one step at once, each of which may die alone. */
  static final Journey LOOP =
      of(
          "journey/loop",
          """
            - step: start
              loop:
                in: "{{ [1, 2, 3, 4] }}"
                iterator: item
                spec: {mode: parallel, max_in_flight: 3}
              tool:
                kind: python
                input: {item: "{{ iter.item }}", n: "{{ workload.n }}"}
                code: "result = {'n': item * 100 + n}"
              next:
                arcs:
                  - {step: end, when: "{{ event.name == 'loop.done' }}"}
            - step: end
              tool:
                kind: noop
                result: {count: "{{ start | length }}", last: "{{ start[3].n }}"}
          """,
          n -> Map.of("count", 4L, "last", 400L + n));

  /** Started by others, too. */
  static final Journey LEAF =
      of(
          "journey/leaf",
          """
            - step: start
              tool: {kind: python, input: {n: "{{ workload.n }}"}, code: "result = {'n': n + 1}"}
          """,
          n -> Map.of("n", n + 1L));

  /** Children: one per round of a loop, one inside a sequence, and one that nobody waits for. */
  static final Journey TREE =
      of(
          "journey/tree",
          """
            - step: start
              tool: {kind: noop}
              next: [many, task, alone]
            - step: many
              loop: {in: "{{ [1, 2, 3] }}", iterator: item, spec: {mode: parallel, max_in_flight: 3}}
              tool:
                kind: playbook
                path: journey/leaf
                input: {n: "{{ iter.item * 100 + workload.n }}"}
                return_result: true
              next: end
            - step: task
              tool:
                - {name: call, kind: playbook, path: journey/leaf, payload: {n: 7}, return_step: start}
                - {name: after, kind: noop, result: {seen: "{{ call.n }}"}}
              next: end
            - step: alone
              tool: {kind: playbook, path: journey/leaf}
              next: end
            - step: end
              tool:
                kind: noop
                result: {last: "{{ many[2].n }}", seen: "{{ task.seen }}", alone: "{{ alone.status }}"}
          """,
          n -> Map.of("last", 301L + n, "seen", 8L, "alone", "started"));

  static final List<Journey> ALL = List.of(CHAIN, ROUTES, JOIN, PLUGIN, ROUNDS, LOOP, LEAF, TREE);

  private static Journey of(String path, String steps, IntFunction<Map<String, Object>> result) {
    return new Journey(path, HEADER.formatted(path) + steps, result);
  }

  /** Registers all of them, and the plug-in that one needs. */
  static void register(TestClient client) throws IOException {
    client.plugin(PLUGIN_PATH, "word-count");
    for (Journey journey : ALL) {
      client.register(journey.yaml());
    }
  }
}
