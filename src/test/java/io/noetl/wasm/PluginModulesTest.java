package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.i32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.wasm.PluginLoad.Loaded;
import io.noetl.wasm.PluginLoad.Refused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The modules kept in memory. */
@ExtendWith(GuestThreads.class)
final class PluginModulesTest {
  private static final byte[] ECHO = TestModules.echo();
  private static final String DIGEST = PluginInspector.digest(ECHO);

  private final PluginModules modules =
      new PluginModules(TestModules.limits(), PluginCompiler.inProcess());

  @Test
  void loadsAModuleOnceAndKeepsItByPathVersionAndMode() throws Exception {
    Loaded first = load("a", 1, EngineMode.COMPILED);
    Loaded again = load("a", 1, EngineMode.COMPILED);
    Loaded otherVersion = load("a", 2, EngineMode.COMPILED);
    Loaded otherPath = load("b", 1, EngineMode.COMPILED);
    Loaded otherMode = load("a", 1, EngineMode.INTERPRETED);

    assertThat(again.module()).isSameAs(first.module());
    assertThat(otherVersion.module()).isNotSameAs(first.module());
    assertThat(otherPath.module()).isNotSameAs(first.module());
    assertThat(otherMode.module()).isNotSameAs(first.module());
    assertThat(modules.size()).isEqualTo(4);
    assertThat(modules.loads()).isEqualTo(4);
  }

  @Test
  void threadsThatWantTheSameModuleLoadItOnce() throws Exception {
    AtomicInteger reads = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<PluginLoad>> loads = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        loads.add(
            threads.submit(
                () -> {
                  go.await();
                  return modules.load(
                      "a",
                      1,
                      DIGEST,
                      EngineMode.COMPILED,
                      () -> {
                        reads.incrementAndGet();
                        return ECHO;
                      });
                }));
      }
      go.countDown();

      PluginModule one = ((Loaded) loads.get(0).get()).module();
      for (Future<PluginLoad> load : loads) {
        assertThat(((Loaded) load.get()).module()).isSameAs(one);
      }
    }
    assertThat(reads).hasValue(1);
  }

  @Test
  void leastRecentlyUsedGoesFirstByWeight() throws Exception {
    // Room for two entries of this size, not for three.
    long entry = 64 * 1024 + 4L * ECHO.length;
    PluginModules small =
        new PluginModules(
            TestModules.limits().withCacheBytes(2 * entry), PluginCompiler.inProcess());
    PluginModule a = loaded(small, "a");
    PluginModule b = loaded(small, "b");
    assertThat(loaded(small, "a")).isSameAs(a);

    loaded(small, "c");

    assertThat(small.size()).isEqualTo(2);
    assertThat(loaded(small, "a")).isSameAs(a);
    assertThat(loaded(small, "b")).isNotSameAs(b);
  }

  @Test
  void aModuleThatLeftTheCacheStillRuns() throws Exception {
    PluginModule a = loaded(modules, "a");

    modules.drop("a");

    assertThat(modules.size()).isZero();
    assertThat(
            new PluginHost(TestModules.limits(), new EndiveEngine())
                .call(
                    a,
                    TestModules.call(Map.of()),
                    PluginGrants.tenantDefault("acme"),
                    TestModules.host()))
        .isInstanceOf(PluginResult.Ok.class);
  }

  @Test
  void bytesOfAnotherDigestAreRefused() throws Exception {
    Refused refused =
        (Refused) modules.load("a", 1, "0".repeat(64), EngineMode.COMPILED, () -> ECHO);

    assertThat(refused.code()).isEqualTo(PluginErrorCode.PLUGIN_INVALID);
    assertThat(refused.message()).contains("0".repeat(64), DIGEST);
    assertThat(modules.size()).isZero();
  }

  @Test
  void faultsOfAdmissionAreNamedAll() throws Exception {
    WasmBuilder wasm = new WasmBuilder();
    wasm.importFunction("env", "one", wasm.type(0, 0));
    wasm.importFunction("env", "two", wasm.type(0, 0));
    byte[] bytes = wasm.execute(i32(0)).build();

    Refused refused = (Refused) load(bytes);

    assertThat(refused.message())
        .startsWith("plug-in a version 1 is not admitted: ")
        .contains("env.one", "env.two");
  }

  @Test
  void whatOnlyTheEngineRefusesIsInvalid() throws Exception {
    // No value on the stack where execute must return one: legal to our decoder so far.
    Refused refused = (Refused) load(new WasmBuilder().execute().build());

    assertThat(refused.code()).isEqualTo(PluginErrorCode.PLUGIN_INVALID);
    assertThat(refused.message()).startsWith("plug-in a version 1 cannot be compiled: ");
  }

  @Test
  void errorsOfTheEngineAreInvalidAsWell() throws Exception {
    Engine overflowing =
        new Engine() {
          @Override
          public String version() {
            return "overflowing-1";
          }

          @Override
          public byte[] translate(byte[] wasm) {
            throw new StackOverflowError();
          }

          @Override
          public Code load(byte[] wasm, byte @Nullable [] translated, int tableElements) {
            throw new StackOverflowError();
          }

          @Override
          public void interrupt(Thread guest) {
            guest.interrupt();
          }
        };
    PluginModules failing =
        new PluginModules(
            TestModules.limits(),
            new PluginCompiler(
                overflowing, new InProcessTranslator(overflowing), CompileSettings.defaults()));

    Refused refused = (Refused) failing.load("a", 1, DIGEST, EngineMode.COMPILED, () -> ECHO);

    Refused interpreted =
        (Refused) failing.load("a", 1, DIGEST, EngineMode.INTERPRETED, () -> ECHO);

    assertThat(refused.message()).contains("StackOverflowError");
    assertThat(interpreted.message()).contains("StackOverflowError");
  }

  @Test
  void aFailedSourceIsPassedOnAndNotKept() throws Exception {
    PluginModules.Source failing =
        () -> {
          throw new UncheckedIOException(new IOException("connection lost"));
        };

    assertThatThrownBy(() -> modules.load("a", 1, DIGEST, EngineMode.COMPILED, failing))
        .isInstanceOf(UncheckedIOException.class);
    assertThat(load("a", 1, EngineMode.COMPILED).module().path()).isEqualTo("a");
  }

  private Loaded load(String path, int version, EngineMode mode) throws InterruptedException {
    return (Loaded) modules.load(path, version, DIGEST, mode, () -> ECHO);
  }

  private PluginLoad load(byte[] bytes) throws InterruptedException {
    return modules.load("a", 1, PluginInspector.digest(bytes), EngineMode.COMPILED, () -> bytes);
  }

  private static PluginModule loaded(PluginModules from, String path) throws InterruptedException {
    return ((Loaded) from.load(path, 1, DIGEST, EngineMode.COMPILED, () -> ECHO)).module();
  }
}
