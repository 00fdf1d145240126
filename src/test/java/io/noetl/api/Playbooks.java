package io.noetl.api;

/** Playbooks of these tests. */
final class Playbooks {
  /** Two python steps, one after the other. */
  static final String CHAIN =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: chain, path: wire/chain}
      workload: {name: world}
      workflow:
        - step: start
          tool: {kind: python, code: "result = 1"}
          next: second
        - step: second
          tool: {kind: python, code: "result = 2"}
          next: end
        - step: end
          tool: {kind: noop, result: {answer: "{{ second.n }}"}}
      """;

  /** Ends by itself, in the decision that starts it. */
  static final String INSTANT =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: instant, path: wire/instant}
      workflow:
        - step: start
          tool: {kind: noop, result: {greeting: "hello {{ workload.name }}"}}
      """;

  private Playbooks() {}
}
