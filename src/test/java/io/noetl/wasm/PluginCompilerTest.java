package io.noetl.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.wasm.PluginLoad.Loaded;
import io.noetl.wasm.PluginResult.Ok;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiling in a process of its own, and the signed results. */
final class PluginCompilerTest {
  private static final String KEY = "a key of enough letters";

  private final PluginLimits limits = TestModules.limits();

  /** A compiler that never ends. */
  static final class Endless {
    public static void main(String[] args) throws Exception {
      while (System.in.read() >= 0) {
        Thread.onSpinWait();
      }
      Thread.currentThread().join();
    }
  }

  /** A compiler that needs more memory than there is. */
  static final class Greedy {
    public static void main(String[] args) throws Exception {
      List<byte[]> all = new ArrayList<>();
      while (true) {
        all.add(new byte[1 << 20]);
      }
    }
  }

  @Test
  void aModuleCompiledInAProcessOfItsOwnRunsHere() throws Exception {
    PluginModules modules =
        new PluginModules(limits, PluginCompiler.isolated(CompileSettings.defaults()));

    Loaded loaded = (Loaded) load(modules, 1, BundledPluginTest.bytes("upper"));

    PluginResult result =
        new PluginHost(limits, new EndiveEngine())
            .call(
                loaded.module(),
                TestModules.call(Map.of("t", "abc")),
                PluginGrants.tenantDefault("acme"),
                TestModules.host());
    assertThat(result).isInstanceOf(Ok.class);
    assertThat(result.usage().fuel())
        .isEqualTo(
            run(TestModules.module(BundledPluginTest.bytes("upper"), EngineMode.COMPILED))
                .usage()
                .fuel());
  }

  @Test
  void aModuleTheEngineRefusesIsRefusedWithItsReason() {
    // Admission does not know the types on the operand stack.
    byte[] untyped = new WasmBuilder().execute().build();
    PluginCompiler compiler = PluginCompiler.isolated(CompileSettings.defaults());

    assertThat(compiler.problem(untyped, limits)).get().asString().contains("InvalidException");
    assertThat(compiler.problem(TestModules.echo(), limits)).isEmpty();
  }

  @Test
  void aCompilerThatRunsOnIsKilledAtItsTimeout() {
    CompileSettings brief =
        new CompileSettings(Duration.ofMillis(700), 64L << 20, 1, null, null, 1);
    ChildTranslator endless =
        new ChildTranslator(brief, ChildTranslator.command(brief, Endless.class.getName()));

    long started = System.nanoTime();
    assertThatThrownBy(() -> endless.translate("x", new byte[100]))
        .isInstanceOf(Translator.Untranslatable.class)
        .hasMessageContaining("PT0.7S (plugin.compile-timeout)");
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void aCompilerThatWantsTooMuchMemoryEndsItsOwnProcessOnly() {
    CompileSettings small =
        new CompileSettings(Duration.ofSeconds(20), 32L << 20, 1, null, null, 1);
    ChildTranslator greedy =
        new ChildTranslator(small, ChildTranslator.command(small, Greedy.class.getName()));

    assertThatThrownBy(() -> greedy.translate("x", new byte[100]))
        .isInstanceOf(Translator.Untranslatable.class)
        .hasMessageContaining("32 MiB (plugin.compile-memory)")
        .hasMessageContaining("with code 3");
  }

  @Test
  void anArtefactIsReadBackByTheNextProcess(@TempDir Path folder) throws Exception {
    AtomicInteger compiled = new AtomicInteger();

    load(modules(folder, KEY, compiled), 1, TestModules.echo());
    PluginLoad again = load(modules(folder, KEY, compiled), 2, TestModules.echo());

    assertThat(compiled).hasValue(1);
    assertThat(run(((Loaded) again).module())).isInstanceOf(Ok.class);
  }

  @Test
  void anArtefactThatWasAlteredOrMovedOrSignedOtherwiseIsNotLoaded(@TempDir Path folder)
      throws Exception {
    AtomicInteger compiled = new AtomicInteger();
    load(modules(folder, KEY, compiled), 1, TestModules.echo());
    Path file = only(folder);
    byte[] good = Files.readAllBytes(file);

    byte[] altered = good.clone();
    altered[altered.length / 2] ^= 1;
    Files.write(file, altered);
    assertRecompiled(folder, KEY, compiled);

    Files.write(file, new byte[10]);
    assertRecompiled(folder, KEY, compiled);

    byte[] unsigned = good.clone();
    java.util.Arrays.fill(unsigned, 0, 32, (byte) 0);
    Files.write(file, unsigned);
    assertRecompiled(folder, KEY, compiled);

    assertRecompiled(folder, "another key of letters", compiled);

    // The code of one module under the name of another.
    AtomicInteger other = new AtomicInteger();
    Path elsewhere = Files.createDirectory(folder.resolve("other"));
    load(modules(elsewhere, KEY, other), 1, HostCallModules.twoEventsThenReply());
    Files.copy(only(elsewhere), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertRecompiled(folder, KEY, compiled);
  }

  private void assertRecompiled(Path folder, String key, AtomicInteger compiled) throws Exception {
    int before = compiled.get();
    PluginCompiler compiler = compiler(folder, key, compiled);
    PluginLoad load = load(new PluginModules(limits, compiler), 1, TestModules.echo());

    assertThat(compiled).hasValue(before + 1);
    assertThat(compiler.rejected()).isEqualTo(1);
    assertThat(run(((Loaded) load).module())).isInstanceOf(Ok.class);
  }

  @Test
  void aFolderWithoutAKeyIsNotUsed(@TempDir Path folder) {
    assertThatThrownBy(
            () -> new CompileSettings(Duration.ofSeconds(1), 64L << 20, 1, folder, "short", 1))
        .hasMessageContaining("plugin.artefact-key");
  }

  private PluginModules modules(Path folder, String key, AtomicInteger compiled) {
    return new PluginModules(limits, compiler(folder, key, compiled));
  }

  private static PluginCompiler compiler(Path folder, String key, AtomicInteger compiled) {
    Engine engine = new EndiveEngine();
    Translator counting =
        (name, metered) -> {
          compiled.incrementAndGet();
          return new InProcessTranslator(engine).translate(name, metered);
        };
    return new PluginCompiler(
        engine,
        counting,
        new CompileSettings(Duration.ofSeconds(1), 64L << 20, 1, folder, key, 1 << 20));
  }

  private static Path only(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).findFirst().orElseThrow();
    }
  }

  private static PluginLoad load(PluginModules modules, int version, byte[] bytes)
      throws InterruptedException {
    return modules.load(
        "acme/x", version, PluginInspector.digest(bytes), EngineMode.COMPILED, () -> bytes);
  }

  private PluginResult run(PluginModule module) throws InterruptedException {
    return new PluginHost(limits, new EndiveEngine())
        .call(
            module,
            TestModules.call(Map.of("t", "abc")),
            PluginGrants.tenantDefault("acme"),
            TestModules.host());
  }
}
