package io.noetl.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a plug-in can and cannot record. */
final class PutEventCapabilityTest {
  private final List<Map<String, @Nullable Object>> events = new ArrayList<>();
  private final PutEventCapability capability =
      new PutEventCapability(
          (context, envelope) -> {
            events.add(envelope);
            return "42";
          });

  @Test
  void recordsACustomEventInTheOwnExecution() {
    HostReply reply =
        put(
            "{\"envelope\":{\"event_type\":\"order.checked\",\"context\":{\"n\":1},"
                + "\"status\":\"COMPLETED\",\"execution_id\":\"900\",\"step\":\"count\"}}");

    assertThat(reply).isInstanceOf(HostReply.Done.class);
    assertThat(Json.parse(((HostReply.Done) reply).document())).isEqualTo(Map.of("event_id", "42"));
    assertThat(events)
        .containsExactly(
            Map.of(
                "execution_id",
                "900",
                "event_type",
                "order.checked",
                "step",
                "count",
                "context",
                Map.of("n", 1L),
                "status",
                "COMPLETED",
                "actionable",
                false,
                "meta",
                Map.of("command_id", "901", "plugin", "acme/x", "plugin_version", 3)));
  }

  @Test
  void acceptsTheAliasesOfTheEnvelope() {
    put(
        "{\"envelope\":{\"name\":\"a.b\",\"payload\":{\"n\":2},\"node_name\":\"count\","
            + "\"timestamp\":\"2026-01-01T00:00:00Z\"}}");

    assertThat(events.get(0))
        .containsEntry("event_type", "a.b")
        .containsEntry("context", Map.of("n", 2L))
        .containsEntry("created_at", "2026-01-01T00:00:00Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "playbook.completed",
        "playbook_started",
        "command.completed",
        "step.exit",
        "call.done",
        "loop.done",
        "Playbook.Completed",
        "LOOP.item",
        "execution.paused",
        "workflow.completed",
        "ctx.updated",
        "capability.called",
        "container.dispatched",
        "action_completed",
        "playbook"
      })
  void reservedTypesAreDenied(String type) {
    refused(HostError.DENIED, "{\"envelope\":{\"event_type\":\"" + type + "\"}}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"envelope\":7}",
        "{\"envelope\":{}}",
        "{\"envelope\":{\"event_type\":\"\"}}",
        "{\"envelope\":{\"event_type\":7}}",
        "{\"envelope\":{\"event_type\":\" playbook.completed\"}}",
        "{\"envelope\":{\"event_type\":\"a..b\"}}",
        "{\"envelope\":{\"event_type\":\"a.b\\u0000\"}}",
        "{\"envelope\":{\"event_type\":\"a.b\"},\"more\":1}",
        "{\"envelope\":{\"event_type\":\"a.b\",\"seq\":7}}",
        "{\"envelope\":{\"event_type\":\"a.b\",\"worker_id\":\"w\"}}",
        "{\"envelope\":{\"event_type\":\"a.b\",\"meta\":{\"fence\":9}}}",
        "{\"envelope\":{\"event_type\":\"a.b\",\"actionable\":true}}",
        "{\"envelope\":{\"event_type\":\"a.b\",\"tenant_id\":\"other\"}}",
        "{\"envelope\":{\"event_type\":\"a.b\",\"execution_id\":900}}",
        "{\"envelope\":{\"event_type\":\"a.b\",\"execution_id\":900.0}}",
        "{\"envelope\":{\"event_type\":\"a.b\",\"context\":[1]}}",
        "{\"envelope\":{\"event_type\":\"a.b\",\"status\":1}}",
        "{\"envelope\":{\"event_type\":\"a.b\"}} x"
      })
  void requestsOutsideTheContractAreBad(String request) {
    refused(HostError.BAD_REQUEST, request);
  }

  @Test
  void requestsThatAreNotUtf8AreBad() {
    byte[] utf16 = "{\"envelope\":{\"event_type\":\"a.b\"}}".getBytes(StandardCharsets.UTF_16BE);

    assertThat(((HostReply.Refused) capability.call(context(1), utf16)).error())
        .isEqualTo(HostError.BAD_REQUEST);
    assertThat(events).isEmpty();
  }

  @Test
  void typesOverTheirLengthAreBad() {
    refused(HostError.BAD_REQUEST, "{\"envelope\":{\"event_type\":\"" + "a".repeat(129) + "\"}}");
    assertThat(put("{\"envelope\":{\"event_type\":\"" + "a".repeat(128) + "\"}}"))
        .isInstanceOf(HostReply.Done.class);
  }

  @Test
  void anotherExecutionOrStepIsDenied() {
    refused(HostError.DENIED, "{\"envelope\":{\"event_type\":\"a.b\",\"execution_id\":\"901\"}}");
    refused(HostError.DENIED, "{\"envelope\":{\"event_type\":\"a.b\",\"step\":\"other\"}}");
  }

  @Test
  void oneHundredEventsOfACallPassAndOneMoreDoesNot() {
    byte[] request = "{\"envelope\":{\"event_type\":\"a.b\"}}".getBytes(StandardCharsets.UTF_8);

    assertThat(capability.call(context(100), request)).isInstanceOf(HostReply.Done.class);
    assertThat(((HostReply.Refused) capability.call(context(101), request)).error())
        .isEqualTo(HostError.BUDGET);
    assertThat(events).hasSize(1);
  }

  private HostReply put(String request) {
    return capability.call(context(1), request.getBytes(StandardCharsets.UTF_8));
  }

  private void refused(HostError error, String request) {
    HostReply reply = put(request);

    assertThat(reply).as(request).isInstanceOf(HostReply.Refused.class);
    assertThat(((HostReply.Refused) reply).error()).as(request).isEqualTo(error);
    assertThat(events).isEmpty();
  }

  private static HostCallContext context(int ordinal) {
    return new HostCallContext(
        "acme", "900", "901", "count", "acme/x", 3, ordinal, Duration.ofSeconds(5), _ -> {});
  }
}
