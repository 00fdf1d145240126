package io.noetl.wasm;

import static io.noetl.wasm.PluginErrorCode.PLUGIN_IMPORT_DENIED;
import static io.noetl.wasm.WasmBuilder.i32;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.wasm.PluginResult.Failed;
import io.noetl.wasm.PluginResult.Ok;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Nothing is linked that was not granted. */
@ExtendWith(GuestThreads.class)
final class PluginGrantsTest {
  private final PluginLimits limits = TestModules.limits();
  private final PluginHost host = new PluginHost(limits);

  @Test
  void everyUngrantedImportIsNamedInOneMessage() throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    wasm.abi("host_mutate_catalog");
    wasm.abi("host_put_event");
    wasm.abi("host_system_call");
    PluginModule module = TestModules.module(wasm.execute(i32(0)).build(), EngineMode.COMPILED);

    PluginResult result =
        host.call(
            module,
            TestModules.call(Map.of()),
            PluginGrants.of("acme", "host_put_event", "host_query_pg"),
            TestModules.host());

    Failed failed = (Failed) result;
    assertThat(failed.code()).isEqualTo(PLUGIN_IMPORT_DENIED);
    assertThat(failed.message())
        .isEqualTo(
            "plug-in acme/x imports noetl.v1.host_mutate_catalog, noetl.v1.host_system_call, which"
                + " tenant acme is not granted (granted: host_put_event, host_query_pg)");
  }

  @Test
  void putEventIsDeniedToATenantWithoutTheGrant() throws Exception {
    PluginModule module =
        TestModules.module(HostCallModules.calling("host_put_event", 0, 2), EngineMode.COMPILED);

    PluginResult result =
        host.call(module, TestModules.call(Map.of()), PluginGrants.of("acme"), TestModules.host());

    assertThat(((Failed) result).message())
        .isEqualTo(
            "plug-in acme/x imports noetl.v1.host_put_event, which tenant acme is not granted"
                + " (granted: none)");
  }

  @Test
  void aGrantedCapabilityThatTheInstallationLacksIsNamed() throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    wasm.abi("host_query_pg");

    PluginResult result =
        host.call(
            TestModules.module(wasm.execute(i32(0)).build(), EngineMode.COMPILED),
            TestModules.call(Map.of()),
            PluginGrants.of("acme", "host_query_pg"),
            TestModules.host());

    assertThat(((Failed) result).code()).isEqualTo(PLUGIN_IMPORT_DENIED);
    assertThat(((Failed) result).message())
        .endsWith("which this installation does not offer (offered: host_put_event)");
  }

  @Test
  void aWithdrawnGrantIsDeniedAtTheNextHostCall() throws Exception {
    AtomicBoolean withdrawn = new AtomicBoolean();
    PluginGrants grants =
        new PluginGrants() {
          @Override
          public String tenant() {
            return "acme";
          }

          @Override
          public Set<String> capabilities() {
            return withdrawn.get() ? Set.of() : Set.of("host_put_event");
          }
        };
    HostFunctions functions =
        HostFunctions.of(
            new PutEventCapability(
                (context, envelope) -> {
                  withdrawn.set(true);
                  return "1";
                }));

    PluginResult result =
        host.call(
            TestModules.module(HostCallModules.twoEventsThenReply(), EngineMode.COMPILED),
            TestModules.call(Map.of()),
            grants,
            functions);

    Map<?, ?> second = (Map<?, ?>) ((Ok) result).output();
    assertThat(second.get("code")).isEqualTo("DENIED");
    assertThat(second.get("retryable")).isEqualTo(false);
  }
}
