package io.noetl.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.wasm.PluginLoad.Loaded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Twenty thousand broken modules: each is refused or runs to a value, none takes long. */
@ExtendWith(GuestThreads.class)
final class FuzzTest {
  private static final int MODULES = 20_000;
  private static final long SEED = 20260103L;

  private final PluginLimits limits = TestModules.limits().withFuel(50_000).withMemoryPages(20);
  private final PluginHost host = new PluginHost(limits, new EndiveEngine());

  @Test
  void everyMutatedModuleIsRefusedOrRunsAndNothingTakesLong() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    List<byte[]> seeds = seeds();
    PluginModules modules = new PluginModules(limits.withCacheBytes(1), PluginCompiler.inProcess());
    PluginInspector inspector = new PluginInspector(limits);
    int refused = 0;
    int invalid = 0;
    int ran = 0;
    long slowest = 0;
    for (int i = 0; i < MODULES; i++) {
      byte[] mutated = mutate(random, seeds.get(random.nextInt(seeds.size())));
      long started = System.nanoTime();
      PluginInspection inspection = inspector.inspect(mutated);
      if (!inspection.admitted()) {
        refused++;
      } else {
        // Most changes are in data or numbers; compiling all of them would take minutes.
        EngineMode mode = i % 16 == 0 ? EngineMode.COMPILED : EngineMode.INTERPRETED;
        PluginLoad load = modules.load("fuzz/" + i, 1, inspection.digest(), mode, () -> mutated);
        if (load instanceof Loaded(PluginModule module)) {
          PluginResult result =
              host.call(
                  module,
                  TestModules.call(Map.of("t", "abc", "text", "one two")),
                  PluginGrants.tenantDefault("acme"),
                  TestModules.host());
          assertThat(result).as("seed %d, module %d", SEED, i).isNotNull();
          assertThat(result.usage().fuel()).isLessThanOrEqualTo(limits.fuel());
          ran++;
        } else {
          invalid++;
        }
      }
      slowest = Math.max(slowest, System.nanoTime() - started);
    }
    System.out.printf(
        "fuzz seed %d: %d refused by our decoder, %d by the engine, %d ran; slowest %d ms%n",
        SEED, refused, invalid, ran, slowest / 1_000_000);
    assertThat(refused + invalid + ran).isEqualTo(MODULES);
    assertThat(List.of(refused, invalid, ran)).allSatisfy(n -> assertThat(n).isPositive());
    assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(2));
    assertThat(host.running()).isZero();
    assertThat(host.stuckThreads()).isZero();
  }

  private static List<byte[]> seeds() throws Exception {
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(BundledPluginTest.bytes("upper"));
    seeds.add(TestModules.echo());
    seeds.add(HostCallModules.twoEventsThenReply());
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 20; i++) {
      seeds.add(RandomPrograms.counting(random));
    }
    for (HostileModules.Guest guest : HostileModules.guests()) {
      seeds.add(guest.module().get());
    }
    return seeds;
  }

  private static byte[] mutate(SplittableRandom random, byte[] good) {
    byte[] mutated = good.clone();
    switch (random.nextInt(10)) {
      case 0 -> {
        // Cut a piece out, or double it.
        int from = random.nextInt(mutated.length);
        int to = Math.min(mutated.length, from + 1 + random.nextInt(8));
        boolean twice = random.nextBoolean();
        byte[] other = new byte[mutated.length + (twice ? to - from : from - to)];
        System.arraycopy(mutated, 0, other, 0, twice ? to : from);
        System.arraycopy(
            mutated,
            twice ? from : to,
            other,
            twice ? to : from,
            mutated.length - (twice ? from : to));
        return other;
      }
      case 1 -> {
        // Numbers grow at their highest byte.
        int at = random.nextInt(mutated.length);
        mutated[at] = (byte) (random.nextBoolean() ? 0xff : 0x7f);
      }
      default -> {
        for (int c = 0; c <= random.nextInt(2); c++) {
          mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
        }
      }
    }
    return mutated;
  }
}
