package io.noetl.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.wasm.PluginResult.Failed;
import io.noetl.wasm.PluginResult.Ok;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every capability: denied by default, bad requests, and the record of each call. */
@ExtendWith(GuestThreads.class)
final class CapabilitiesTest {
  private final PluginLimits limits = TestModules.limits();
  private final PluginHost host = new PluginHost(limits, new EndiveEngine());
  private final List<Map<String, @Nullable Object>> served = new ArrayList<>();

  private static final Map<String, Function<CapabilityEffect, HostCapability>> ALL =
      Map.of(
          "host_read_event_log", ReadEventLogCapability::new,
          "host_mutate_catalog", MutateCatalogCapability::new,
          "host_system_call", SystemCallCapability::new,
          "host_get_credential", GetCredentialCapability::new,
          "host_query_pg", QueryPgCapability::new);

  static Stream<Arguments> good() {
    return Stream.of(
        Arguments.of("host_read_event_log", "{}"),
        Arguments.of("host_read_event_log", "{\"execution_id\":\"900\",\"after_id\":\"12\"}"),
        Arguments.of("host_mutate_catalog", "{\"path\":\"a/b\",\"yaml\":\"kind: Playbook\"}"),
        Arguments.of("host_system_call", "{\"name\":\"version\",\"args\":{}}"),
        Arguments.of("host_get_credential", "{\"name\":\"mail-server\"}"),
        Arguments.of("host_query_pg", "{\"sql\":\"select 1\",\"params\":[]}"));
  }

  @ParameterizedTest
  @MethodSource("good")
  void isDeniedByDefaultAndServedWhenGranted(String capability, String request) throws Exception {
    Failed denied = (Failed) run(capability, request, PluginGrants.tenantDefault("acme"), limits);
    PluginResult granted = run(capability, request, PluginGrants.of("acme", capability), limits);

    assertThat(denied.code()).isEqualTo(PluginErrorCode.PLUGIN_IMPORT_DENIED);
    assertThat(denied.message())
        .contains(
            "imports noetl.v1."
                + capability
                + ", which tenant acme is not granted (granted: host_put_event)");
    assertThat(served).hasSize(1);
    assertThat(((Ok) granted).output()).isEqualTo(Map.of("served", true));
  }

  static Stream<Arguments> bad() {
    return Stream.of(
        Arguments.of("host_read_event_log", "[]", "BAD_REQUEST"),
        Arguments.of("host_read_event_log", "{", "BAD_REQUEST"),
        Arguments.of("host_read_event_log", "", "BAD_REQUEST"),
        Arguments.of("host_read_event_log", "{\"after_id\":12}", "BAD_REQUEST"),
        Arguments.of("host_read_event_log", "{\"after_id\":\"1.5\"}", "BAD_REQUEST"),
        Arguments.of("host_read_event_log", "{\"a\":1,\"a\":2}", "BAD_REQUEST"),
        Arguments.of(
            "host_read_event_log", "{\"after_id\":" + "9".repeat(10_000) + "}", "BAD_REQUEST"),
        Arguments.of("host_read_event_log", "{\"limit\":5}", "BAD_REQUEST"),
        Arguments.of("host_read_event_log", "{\"execution_id\":\"901\"}", "DENIED"),
        Arguments.of("host_mutate_catalog", "{\"path\":\"a/b\"}", "BAD_REQUEST"),
        Arguments.of("host_mutate_catalog", "{\"path\":1,\"yaml\":\"x\"}", "BAD_REQUEST"),
        Arguments.of("host_system_call", "{\"name\":\"\"}", "BAD_REQUEST"),
        Arguments.of("host_system_call", "{\"name\":\"x\",\"args\":[]}", "BAD_REQUEST"),
        Arguments.of("host_get_credential", "{\"name\":\"*\"}", "DENIED"),
        Arguments.of("host_get_credential", "{\"name\":\"../mail\"}", "DENIED"),
        Arguments.of("host_get_credential", "{\"name\":5}", "BAD_REQUEST"),
        Arguments.of("host_query_pg", "{\"sql\":\" \"}", "BAD_REQUEST"),
        Arguments.of("host_query_pg", "{\"sql\":\"select 1\",\"params\":{}}", "BAD_REQUEST"));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void aBadRequestReachesNoEffect(String capability, String request, String code) throws Exception {
    PluginResult result = run(capability, request, PluginGrants.of("acme", capability), limits);

    assertThat(served).isEmpty();
    assertThat(((Map<?, ?>) ((Ok) result).output()).get("code")).isEqualTo(code);
    assertThat(result.usage().calls()).hasSize(1);
    assertThat(result.usage().calls().getFirst().code()).isEqualTo(HostError.valueOf(code).code());
  }

  @Test
  void everyCallLeavesARecordWithoutContent() throws Exception {
    String request = "{\"name\":\"version\"}";
    PluginResult result =
        run("host_system_call", request, PluginGrants.of("acme", "host_system_call"), limits);

    HostCallRecord call = result.usage().calls().getFirst();
    assertThat(call.capability()).isEqualTo("host_system_call");
    assertThat(call.requestDigest()).isEqualTo(PluginInspector.digest(request.getBytes()));
    assertThat(call.code()).isEqualTo("{\"served\":true}".length()).isEqualTo(call.replyBytes());
    assertThat(call.fuelBefore() - call.fuelAfter()).isEqualTo(limits.hostCallFuel());
    assertThat(call.fuelBefore()).isLessThan(limits.fuel());
    assertThat(result.usage().hostCalls()).isEqualTo(1);
  }

  private PluginResult run(
      String capability, String request, PluginGrants grants, PluginLimits with)
      throws InterruptedException {
    HostCapability offered =
        ALL.get(capability)
            .apply(
                (context, members) -> {
                  served.add(members);
                  return Map.of("served", true);
                });
    return host.call(
        TestModules.module(AskingPlugin.of(capability, request), EngineMode.COMPILED),
        TestModules.call(Map.of()),
        grants,
        HostFunctions.of(offered));
  }
}
