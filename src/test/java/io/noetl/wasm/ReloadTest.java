package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.i32;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.wasm.PluginLoad.Loaded;
import io.noetl.wasm.PluginResult.Ok;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** New versions of a plug-in while others run, and what is left of the old ones. */
@ExtendWith(GuestThreads.class)
final class ReloadTest {
  private static final int RELOADS = 500;

  private final PluginLimits limits = TestModules.limits();
  private final PluginHost host = new PluginHost(limits);
  private final PluginModules modules =
      new PluginModules(limits.withCacheBytes(1), PluginCompiler.inProcess());

  @Test
  void fiveHundredReloadsUnderLoadLeaveNoClassBehind() throws Exception {
    PluginModule steady = TestModules.module(TestModules.echo(), EngineMode.COMPILED);
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger calls = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> load =
          threads.submit(
              () -> {
                while (!done.get()) {
                  assertThat(run(steady)).isInstanceOf(Ok.class);
                  calls.incrementAndGet();
                }
                return null;
              });
      reload(1, 100);
      int classesBefore = classesAfterCollecting(Integer.MAX_VALUE);
      long metaspaceBefore = metaspace();
      reload(101, RELOADS);
      int classesAfter = classesAfterCollecting(classesBefore + 100);
      long metaspaceAfter = metaspace();
      done.set(true);
      load.get();

      // Each version has classes of its own: 500 versions that stayed would be a thousand and more.
      assertThat(classesAfter).isLessThan(classesBefore + 100);
      assertThat(metaspaceAfter).isLessThan(metaspaceBefore + (8L << 20));
      assertThat(modules.size()).isEqualTo(1);
      assertThat(calls).hasPositiveValue();
    }
  }

  @Test
  void aCallInFlightFinishesOnTheVersionItStartedWith() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    HostFunctions waiting =
        HostFunctions.of(
            HostCallModules.capability(
                () -> {
                  asked.countDown();
                  try {
                    go.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  return HostReply.done(Map.of());
                }));
    PluginModule old = load(1, asking(1));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<PluginResult> running = threads.submit(() -> run(old, waiting));
      asked.await();
      PluginModule fresh = load(2, asking(2));
      modules.drop("acme/reloaded");
      System.gc();
      assertThat(
              ((Ok)
                      run(
                          fresh,
                          HostFunctions.of(
                              HostCallModules.capability(() -> HostReply.done(Map.of())))))
                  .output())
          .isEqualTo(2L);
      go.countDown();

      assertThat(((Ok) running.get()).output()).isEqualTo(1L);
    }
  }

  private void reload(int first, int count) throws InterruptedException {
    for (int version = first; version < first + count; version++) {
      PluginResult result = run(load(version, answering(version)));

      assertThat(((Ok) result).output()).isEqualTo((long) version);
    }
  }

  private PluginModule load(int version, byte[] bytes) throws InterruptedException {
    return ((Loaded)
            modules.load(
                "acme/reloaded",
                version,
                PluginInspector.digest(bytes),
                EngineMode.COMPILED,
                () -> bytes))
        .module();
  }

  private static byte[] answering(int number) {
    WasmBuilder wasm = new WasmBuilder();
    int output = wasm.abi("host_output");
    String text = Integer.toString(number);
    return wasm.data(0, text).execute(i32(0), i32(text.length()), call(output), i32(0)).build();
  }

  /** Asks the host before it answers. */
  private static byte[] asking(int number) {
    WasmBuilder wasm = new WasmBuilder();
    int put = wasm.abi("host_put_event");
    int output = wasm.abi("host_output");
    return wasm.data(0, Integer.toString(number))
        .execute(
            i32(0), i32(0), call(put), WasmBuilder.drop(), i32(0), i32(1), call(output), i32(0))
        .build();
  }

  private PluginResult run(PluginModule module) throws InterruptedException {
    return run(module, TestModules.host());
  }

  private PluginResult run(PluginModule module, HostFunctions functions)
      throws InterruptedException {
    return host.call(
        module, TestModules.call(Map.of()), PluginGrants.tenantDefault("acme"), functions);
  }

  /** Collects until no more than so many classes are left, or in vain for ten seconds. */
  private static int classesAfterCollecting(int enough) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    int loaded;
    do {
      System.gc();
      loaded = ManagementFactory.getClassLoadingMXBean().getLoadedClassCount();
    } while (loaded > enough && System.nanoTime() < deadline);
    return loaded;
  }

  private static long metaspace() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getName().equals("Metaspace"))
        .map(MemoryPoolMXBean::getUsage)
        .mapToLong(usage -> usage.getUsed())
        .sum();
  }
}
