package io.noetl.playbook.scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.language.Rule;
import io.noetl.playbook.Mutation;
import io.noetl.playbook.scope.Mutations.Place;
import io.noetl.playbook.scope.Mutations.Target;
import io.noetl.playbook.scope.Mutations.Write;
import io.noetl.playbook.scope.Mutations.Writes;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Section 6.5: what {@code set} blocks write. */
class MutationsTest {
  private static final Templates TEMPLATES = new Templates(TemplateLimits.DEFAULT);

  private static Writes writes(
      Place place, Map<String, ?> names, @Nullable Object... keysAndValues) {
    List<Mutation> block = new ArrayList<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      block.add(new Mutation(String.valueOf(keysAndValues[i]), keysAndValues[i + 1]));
    }
    return Mutations.of(block, place, TEMPLATES, Scope.of(names, Instant.EPOCH));
  }

  private static Write single(Place place, String key) {
    return writes(place, Map.of(), key, 1L).writes().getFirst();
  }

  private static void goesTo(Place place, String key, Target target, String... path) {
    assertThat(single(place, key))
        .as(place + " " + key)
        .isEqualTo(new Write(target, List.of(path), 1L));
  }

  @Test
  @Rule("6.5")
  void rule_6_5_ctx_vars_step_and_bare_keys_are_variables() {
    for (Place place : List.of(Place.STEP, Place.ARC, Place.POLICY)) {
      for (String key : List.of("ctx.k", "vars.k", "k", "step.k")) {
        goesTo(place, key, Target.CTX, "k");
      }
    }
    goesTo(Place.TASK, "ctx.k", Target.CTX, "k");
  }

  @Test
  @Rule("11.5")
  void rule_11_5_bare_keys_of_a_task_stay_in_the_command() {
    goesTo(Place.TASK, "k", Target.LOCAL, "k");
  }

  @Test
  @Rule("6.5")
  void rule_6_5_iter_is_a_member_of_the_iteration_or_a_variable() {
    goesTo(Place.TASK, "iter.k", Target.ITER, "k");
    goesTo(Place.POLICY, "iter.k.l", Target.ITER, "k", "l");
    goesTo(Place.STEP, "iter.k", Target.CTX, "k");
    goesTo(Place.ARC, "iter.k", Target.CTX, "k");
  }

  @Test
  @Rule("6.5")
  void rule_6_5_other_dotted_keys() {
    goesTo(Place.STEP, "foo.bar", Target.CTX, "foo.bar");
    goesTo(Place.ARC, "foo.bar.x", Target.CTX, "foo.bar.x");
    goesTo(Place.TASK, "foo.bar", Target.LOCAL, "foo", "bar");
    goesTo(Place.POLICY, "foo.bar", Target.CTX, "foo", "bar");
    goesTo(Place.STEP, "ctx.", Target.CTX, "ctx.");
    goesTo(Place.STEP, "a..b", Target.CTX, "a..b");
  }

  @Test
  @Rule("6.5")
  void rule_6_5_deeper_paths_make_maps_and_replace_what_is_none() {
    Map<String, @Nullable Object> inner = Map.of("x", 1L);
    Map<String, @Nullable Object> base = Map.of("a", inner, "b", 5L);
    List<Write> writes =
        writes(Place.STEP, Map.of(), "ctx.a.y", 2L, "ctx.b.c.d", 3L, "ctx.n.m", 4L).writes();
    assertThat(Mutations.applied(base, writes))
        .isEqualTo(
            Map.of(
                "a",
                Map.of("x", 1L, "y", 2L),
                "b",
                Map.of("c", Map.of("d", 3L)),
                "n",
                Map.of("m", 4L)));
    assertThat(base).isEqualTo(Map.of("a", Map.of("x", 1L), "b", 5L));
    assertThat(inner).isEqualTo(Map.of("x", 1L));
    assertThat(Mutations.changed(base, writes.subList(0, 1)))
        .isEqualTo(Map.of("a", Map.of("x", 1L, "y", 2L)));
  }

  @Test
  @Rule("6.5")
  void rule_6_5_values_are_rendered_and_literals_kept() {
    Writes writes =
        writes(
            Place.ARC,
            Map.of("n", 5L),
            "a",
            "{{ n + 1 }}",
            "b",
            "",
            "c",
            List.of("{{ n }}", Map.of("d", "x{{ n }}")),
            "e",
            null,
            "f",
            "12");
    assertThat(Mutations.applied(Map.of(), writes.writes()))
        .containsEntry("a", 6L)
        .containsEntry("b", "")
        .containsEntry("c", List.of(5L, Map.of("d", "x5")))
        .containsEntry("e", null)
        .containsEntry("f", "12");
    assertThat(writes.warnings()).isEmpty();
  }

  @Test
  @Rule("6.5")
  void rule_6_5_all_values_of_a_block_see_the_names_before_it() {
    for (Place place : List.of(Place.STEP, Place.ARC, Place.TASK)) {
      Writes writes =
          writes(
              place,
              Map.of("a", 1L, "ctx", Map.of("a", 1L)),
              "ctx.a",
              2L,
              "ctx.b",
              "{{ a }}{{ ctx.a }}");
      assertThat(Mutations.applied(Map.of(), writes.writes()))
          .as("" + place)
          .isEqualTo(Map.of("a", 2L, "b", "11"));
    }
  }

  @Test
  @Rule("6.5")
  void rule_6_5_later_keys_of_a_policy_see_earlier_ones() {
    Map<String, Object> names =
        Map.of("a", 1L, "ctx", Map.of("a", 1L, "z", 9L), "iter", Map.of("n", 1L));
    Writes writes =
        writes(
            Place.POLICY,
            names,
            "ctx.a",
            2L,
            "b",
            "{{ a + ctx.a + vars.a }}",
            "iter.n",
            "{{ iter.n + 1 }}",
            "iter.m",
            "{{ iter.n * 10 }}",
            "ctx.deep.x",
            "{{ b }}",
            "ctx.deep.y",
            "{{ ctx.deep.x + ctx.z }}",
            "all",
            "{{ ctx.deep }}");
    assertThat(Mutations.applied(Map.of(), writes.to(Target.CTX)))
        .isEqualTo(
            Map.of(
                "a",
                2L,
                "b",
                6L,
                "deep",
                Map.of("x", 6L, "y", 15L),
                "all",
                Map.of("x", 6L, "y", 15L)));
    assertThat(Mutations.applied(Map.of("n", 1L), writes.to(Target.ITER)))
        .isEqualTo(Map.of("n", 2L, "m", 20L));
  }

  @Test
  @Rule("6.5")
  void rule_6_5_a_value_that_cannot_be_rendered_keeps_its_text_in_steps_and_arcs() {
    for (Place place : List.of(Place.STEP, Place.ARC)) {
      Writes writes = writes(place, Map.of(), "a", "{{ 1 / 0 }}", "b", 2L);
      assertThat(Mutations.applied(Map.of(), writes.writes()))
          .isEqualTo(Map.of("a", "{{ 1 / 0 }}", "b", 2L));
      assertThat(writes.warnings())
          .singleElement()
          .asString()
          .contains("set a")
          .contains("divide by zero");
    }
  }

  @Test
  @Rule("6.5")
  void rule_6_5_a_value_that_cannot_be_rendered_fails_a_task_or_a_policy() {
    for (Place place : List.of(Place.TASK, Place.POLICY)) {
      assertThatThrownBy(() -> writes(place, Map.of(), "a", "{{ 1 / 0 }}"))
          .isInstanceOf(TemplateException.class)
          .hasMessageStartingWith("set a: ");
    }
  }

  @Test
  @Rule("6.5")
  void rule_6_5_the_last_write_of_a_name_wins() {
    Writes writes = writes(Place.STEP, Map.of(), "a", 1L, "ctx.a", 2L, "vars.a.b", 3L);
    assertThat(Mutations.applied(Map.of(), writes.writes()))
        .isEqualTo(Map.of("a", Map.of("b", 3L)));
  }

  @Test
  void an_empty_block_writes_nothing() {
    assertThat(writes(Place.STEP, Map.of())).isEqualTo(Writes.NONE);
  }
}
