package io.noetl.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import io.noetl.policy.PolicyReader.Read;
import io.noetl.policy.PolicyReader.Refused;
import io.noetl.policy.Question.About;
import io.noetl.policy.Question.Entry;
import io.noetl.policy.Question.Open;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PolicyTest {
  private static final List<String> ROLES = List.of("a", "b", "c");
  private static final List<String> SUBJECTS = List.of("ada", "bob@x", "eve");
  private static final List<String> ROUTES =
      List.of("/api/execute", "/api/x/{id}", "/api/x/{id}/y");
  private static final List<String> PATHS = List.of("p", "p/q", "p/q/r", "s");

  @ParameterizedTest
  @CsvSource({
    "billing/**, billing/a, true",
    "billing/**, billing/a/b, true",
    "billing/**, billing, false",
    "billing/*, billing/a/b, false",
    "*@acme.com, ada@acme.com, true",
    "*@acme.com, ada@acme.com.evil, false",
    "**, anything/at/all, true",
    "a*b*c, axxbyyc, true",
    "a*b*c, axxbyy, false",
    "/api/executions/*/cancel, /api/executions/{id}/cancel, true",
    "a.c, abc, false"
  })
  void aPatternMeansTheWholeText(String pattern, String text, boolean matches) {
    assertThat(new Glob(pattern).matches(text)).isEqualTo(matches);
  }

  @Test
  void noPatternTakesLong() {
    Glob hostile = new Glob("*a".repeat(200) + "b");
    long begun = System.nanoTime();

    assertThat(hostile.matches("a".repeat(500))).isFalse();

    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void saysTheSameAsAPlainReadingOfTheRules() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      List<Map<String, Object>> rules = new ArrayList<>();
      int count = random.nextInt(8);
      for (int i = 0; i < count; i++) {
        rules.add(randomRule(random, i));
      }
      boolean allow = random.nextBoolean();
      Policy policy = policy(allow ? "allow" : "deny", rules);
      for (int i = 0; i < 60; i++) {
        Question question = randomQuestion(random);
        assertThat(policy.decide(question))
            .as("seed %d rules %s question %s", seed, rules, question)
            .isEqualTo(naive(rules, allow, question));
      }
    }
  }

  private static Map<String, Object> randomRule(Random random, int number) {
    Map<String, Object> rule = new LinkedHashMap<>();
    rule.put("name", "rule " + number);
    rule.put("effect", random.nextInt(3) == 0 ? "deny" : "allow");
    some(random, rule, "roles", ROLES);
    some(random, rule, "subjects", List.of("ada", "*@x"));
    some(random, rule, "tenants", List.of("t1", "t2"));
    some(random, rule, "methods", List.of("GET", "POST"));
    some(random, rule, "routes", List.of("/api/execute", "/api/x/*", "/api/x/**"));
    some(random, rule, "paths", List.of("p", "p/*", "p/**"));
    return rule;
  }

  private static void some(
      Random random, Map<String, Object> rule, String name, List<String> values) {
    if (random.nextInt(3) == 0) {
      rule.put(name, List.of(any(random, values)));
    }
  }

  private static <T> T any(Random random, List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  private static Question randomQuestion(Random random) {
    About about =
        random.nextBoolean() ? new Entry(any(random, PATHS)) : any(random, List.of(Open.values()));
    return new Question(
        any(random, SUBJECTS),
        any(random, List.of("t1", "t2", "t3")),
        random.nextBoolean() ? Set.of(any(random, ROLES)) : Set.copyOf(ROLES),
        any(random, List.of("GET", "POST", "DELETE")),
        any(random, ROUTES),
        about);
  }

  /** The documented meaning, word by word, by other means. */
  private static Verdict naive(List<Map<String, Object>> rules, boolean allow, Question question) {
    for (String effect : List.of("deny", "allow")) {
      for (Map<String, Object> rule : rules) {
        if (rule.get("effect").equals(effect)
            && has(rule, "roles", question.roles()::contains)
            && has(rule, "subjects", pattern -> like(pattern, question.subject()))
            && has(rule, "tenants", question.tenant()::equals)
            && has(rule, "methods", question.method()::equals)
            && has(rule, "routes", pattern -> like(pattern, question.route()))
            && about(rule, question.about(), effect)) {
          return new Verdict(
              effect.equals("deny") ? Effect.DENY : Effect.ALLOW, (String) rule.get("name"));
        }
      }
    }
    return new Verdict(allow ? Effect.ALLOW : Effect.DENY, null);
  }

  private static boolean about(Map<String, Object> rule, About about, String effect) {
    if (!rule.containsKey("paths")) {
      return true;
    }
    return about instanceof Entry(String path)
        ? has(rule, "paths", pattern -> like(pattern, path))
        : about == Open.ANYTHING && effect.equals("deny")
            || about == Open.LATER && effect.equals("allow");
  }

  private static boolean has(Map<String, Object> rule, String name, Predicate<String> matches) {
    return !(rule.get(name) instanceof List<?> values)
        || values.stream().map(String::valueOf).anyMatch(matches);
  }

  private static boolean like(String pattern, String text) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      boolean two = pattern.startsWith("**", i);
      regex.append(
          two
              ? ".*"
              : pattern.charAt(i) == '*' ? "[^/]*" : Pattern.quote(pattern.substring(i, i + 1)));
      i += two ? 1 : 0;
    }
    return text.matches(regex.toString());
  }

  private static Policy policy(String fallback, List<?> rules) {
    String text =
        Json.text(Map.of("format", PolicyReader.FORMAT, "default", fallback, "rules", rules));
    return switch (PolicyReader.read(text, PolicyLimits.DEFAULT)) {
      case Read<Policy>(Policy policy) -> policy;
      case Refused<Policy> refused -> throw new AssertionError(refused.sentence());
    };
  }

  @Test
  void decidesAmongTheMostRulesWithoutWaiting() {
    List<Map<String, Object>> rules = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      rules.add(
          Map.of(
              "name",
              "rule " + i,
              "effect",
              "allow",
              "roles",
              List.of("role" + i),
              "routes",
              List.of("/api/executions/**"),
              "paths",
              List.of("team" + i + "/**")));
    }
    Policy policy = policy("deny", rules);
    Question question =
        new Question(
            "ada",
            "t",
            Set.of("user", "role1999"),
            "GET",
            "/api/executions/{id}",
            new Entry("team1999/daily"));
    int rounds = 2_000;
    long begun = System.nanoTime();
    for (int i = 0; i < rounds; i++) {
      assertThat(policy.decide(question).allowed()).isTrue();
    }
    // Tens of microseconds on an ordinary machine; a whole millisecond says that something is off.
    assertThat((System.nanoTime() - begun) / rounds).isLessThan(1_000_000);
  }

  private static List<String> faults(String text) {
    return switch (PolicyReader.read(text, new PolicyLimits(2_000, 3))) {
      case Read<Policy> _ -> List.of();
      case Refused<Policy>(List<Fault> faults) -> faults.stream().map(Fault::path).toList();
    };
  }

  @Test
  void tellsEveryFaultWithItsPlace() {
    assertThat(
            faults(
                """
                {"format": "noetl.rbac/2", "default": "no", "extra": 1, "rules": [
                  {"name": "a", "effect": "allow", "roles": [], "who": 1},
                  {"name": "a", "effect": "permit", "methods": ["get"], "paths": [7]}, 5]}
                """))
        .containsExactlyInAnyOrder(
            "format",
            "default",
            "extra",
            "rules[0].roles",
            "rules[0].who",
            "rules[1].name",
            "rules[1].effect",
            "rules[1].methods[0]",
            "rules[1].paths[0]",
            "rules[2]");
    assertThat(faults("[]")).containsExactly("");
    assertThat(faults("x".repeat(2_001))).containsExactly("");
    assertThat(
            faults(
                Json.text(
                    Map.of(
                        "format",
                        "noetl.rbac/1",
                        "default",
                        "deny",
                        "rules",
                        List.of(1, 2, 3, 4)))))
        .containsExactly("rules");
  }

  @Test
  void faultsAreBoundedToo() {
    List<@Nullable Object> rules = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      rules.add(7);
    }
    String text = Json.text(Map.of("format", "noetl.rbac/1", "default", "deny", "rules", rules));

    Refused<Policy> refused = (Refused<Policy>) PolicyReader.read(text, PolicyLimits.DEFAULT);

    assertThat(refused.faults()).hasSize(PolicyLimits.FAULTS + 1);
    assertThat(refused.sentence()).contains("rules[0]", "48 more");
  }

  @ParameterizedTest
  @EnumSource(Effect.class)
  void noRulesMeanTheDefault(Effect effect) {
    Question question = new Question("a", "t", Set.of(), "GET", "/x", Open.NOTHING);

    assertThat(policy(effect.word(), List.of()).decide(question))
        .isEqualTo(new Verdict(effect, null));
  }

  @Test
  void aMappingGivesTheFirstTenantAndAllRoles() {
    String text =
        """
        {"format": "noetl.auth/1", "entries": [
          {"name": "a", "subjects": ["*@acme.com"], "tenant": "acme", "roles": ["user"]},
          {"name": "b", "claims": {"dep": "sales"}, "tenant": "other", "roles": ["sales"]},
          {"name": "c", "groups": ["fin", "ops"], "roles": ["billing"]}]}
        """;
    Mapping mapping = ((Read<Mapping>) MappingReader.read(text, PolicyLimits.DEFAULT)).value();

    assertThat(mapping.of(new Claims("ada@acme.com", Set.of("ops"), Map.of("dep", "sales"))))
        .isEqualTo(new Mapping.Given("acme", Set.of("user", "sales", "billing")));
    assertThat(mapping.of(new Claims("eve", Set.of("x"), Map.of("dep", "law"))))
        .isEqualTo(new Mapping.Given(null, Set.of()));
  }

  @Test
  void aMappingNeverMakesOperatorsOrWorkers() {
    String text =
        """
        {"format": "noetl.auth/1", "entries": [
          {"name": "a", "tenant": "*", "roles": ["operator", "worker"], "claims": {}}]}
        """;

    Refused<Mapping> refused = (Refused<Mapping>) MappingReader.read(text, PolicyLimits.DEFAULT);

    assertThat(refused.faults().toString())
        .contains("role operator", "role worker", "entries[0].tenant", "claims");
  }
}
