package io.noetl.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.wasm.PluginResult.Ok;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An instance belongs to one call and one thread; the host refuses to be used otherwise. */
@ExtendWith(GuestThreads.class)
final class GuestMisuseTest {
  private final PluginLimits limits = TestModules.limits();

  private GuestRun echo() {
    return new GuestRun(
        TestModules.module(TestModules.echo(), EngineMode.COMPILED).code(),
        Set.of(AbiFunction.HOST_INPUT, AbiFunction.HOST_OUTPUT),
        limits,
        "{}".getBytes(),
        new Handover(Thread.currentThread(), 1_000_000_000L),
        () -> {});
  }

  @Test
  void anInstanceIsUsedByOneThreadAndOnce() throws Exception {
    GuestRun run = echo();
    Thread guest = Thread.ofPlatform().start(run);
    guest.join();
    byte[] output = run.output();

    assertThatThrownBy(run::run).hasMessageContaining("used once");
    assertThatThrownBy(() -> run.call(AbiFunction.HOST_LOG, new NoMemory(), 2, 0, 0))
        .hasMessageContaining("another thread");

    assertThat(output).isNotNull();
    assertThat(run.output()).isSameAs(output);
  }

  @Test
  void aHostCallThatWantsToEnterTheGuestAgainIsRefused() throws Exception {
    GuestRun other = echo();
    AtomicReference<Throwable> refused = new AtomicReference<>();
    HostCapability entering =
        HostCallModules.capability(
            () -> {
              try {
                other.call(AbiFunction.HOST_LOG, new NoMemory(), 2, 0, 0);
              } catch (IllegalStateException e) {
                refused.set(e);
              }
              return HostReply.done(Map.of("event_id", "1"));
            });

    PluginResult result =
        new PluginHost(limits, new EndiveEngine())
            .call(
                TestModules.module(HostCallModules.twoEventsThenReply(), EngineMode.COMPILED),
                TestModules.call(Map.of()),
                PluginGrants.tenantDefault("acme"),
                HostFunctions.of(entering));

    assertThat(result).isInstanceOf(Ok.class);
    assertThat(refused.get()).hasMessageContaining("another thread");
  }

  /** Must not be reached. */
  private record NoMemory() implements Engine.Memory {
    @Override
    public long bytes() {
      throw new AssertionError("the memory was asked");
    }

    @Override
    public byte[] read(int pointer, int length) {
      throw new AssertionError("the memory was read");
    }

    @Override
    public void write(int pointer, byte[] source, int length) {
      throw new AssertionError("the memory was written");
    }
  }
}
