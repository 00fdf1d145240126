package io.noetl.wasm;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Every limit of plug-ins, with the name of its setting. Immutable.
 *
 * @param module what admission lets a module be
 * @param fuel {@code plugin.fuel}: units that one call may spend, from 1 to 2 000 000 000
 * @param hostCallFuel {@code plugin.host-call-fuel}: units that one capability call costs
 * @param wallClock {@code plugin.wall-clock}: time of the guest, without the host's calls
 * @param interruptGrace {@code plugin.interrupt-grace}: how long a guest may take to obey the
 *     interrupt before its version is quarantined
 * @param hostCall {@code plugin.host-call}: time of one capability call
 * @param stackBytes {@code plugin.stack-bytes}: stack of the guest thread, at least 256 KiB
 * @param hostCalls {@code plugin.host-calls}: capability calls of one call of the plug-in
 * @param requestBytes {@code plugin.request-bytes}: request of one capability call
 * @param replyBytes {@code plugin.reply-bytes}: reply of one capability call
 * @param inputBytes {@code plugin.input-bytes}: the input document
 * @param outputBytes {@code plugin.output-bytes}: the output document
 * @param logLineBytes {@code plugin.log-line-bytes}: one log line; longer ones are cut
 * @param logLines {@code plugin.log-lines}: log lines of one call; further ones are counted only
 * @param instances {@code plugin.instances}: calls running at once in this process
 * @param patience {@code plugin.patience}: how long a call waits for an instance slot
 * @param stuckThreads {@code plugin.stuck-threads}: guest threads that may be stuck before the host
 *     reports itself unready
 * @param cacheBytes {@code plugin.cache-bytes}: weight of the modules kept in memory
 */
public record PluginLimits(
    ModuleLimits module,
    long fuel,
    long hostCallFuel,
    Duration wallClock,
    Duration interruptGrace,
    Duration hostCall,
    int stackBytes,
    int hostCalls,
    int requestBytes,
    int replyBytes,
    int inputBytes,
    int outputBytes,
    int logLineBytes,
    int logLines,
    int instances,
    Duration patience,
    int stuckThreads,
    long cacheBytes) {

  /** Fuel is a number of 32 bits while a loop runs, and may go below zero before that is seen. */
  static final long MOST_FUEL = 2_000_000_000;

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  public PluginLimits {
    if (fuel < 1 || fuel > MOST_FUEL || hostCallFuel < 0) {
      throw new IllegalArgumentException(
          "Expected plugin.fuel from 1 to "
              + MOST_FUEL
              + " and plugin.host-call-fuel from 0, but got "
              + fuel
              + " and "
              + hostCallFuel);
    }
    positive("plugin.wall-clock", wallClock);
    positive("plugin.interrupt-grace", interruptGrace);
    positive("plugin.host-call", hostCall);
    between("plugin.stack-bytes", stackBytes, 256 * KIB, 64 * MIB);
    between("plugin.host-calls", hostCalls, 0, 1_000_000);
    between("plugin.request-bytes", requestBytes, 1, 64 * MIB);
    between("plugin.reply-bytes", replyBytes, 1 * KIB, 64 * MIB);
    between("plugin.input-bytes", inputBytes, 1, 64 * MIB);
    between("plugin.output-bytes", outputBytes, 1, 64 * MIB);
    between("plugin.log-line-bytes", logLineBytes, 1, 1 * MIB);
    between("plugin.log-lines", logLines, 0, 100_000);
    between("plugin.instances", instances, 1, 10_000);
    positive("plugin.patience", patience);
    between("plugin.stuck-threads", stuckThreads, 0, 1_000);
    if (cacheBytes < 1) {
      throw new IllegalArgumentException(
          "Expected plugin.cache-bytes of at least 1, but got " + cacheBytes);
    }
  }

  /**
   * The defaults of an installation.
   *
   * @param cores processors of this process
   * @param heapBytes most heap of this process; the memories of all instances together may take a
   *     quarter of it
   */
  public static PluginLimits defaults(int cores, long heapBytes) {
    ModuleLimits module = ModuleLimits.DEFAULT;
    return new PluginLimits(
        module,
        100_000_000,
        10_000,
        Duration.ofSeconds(2),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        1 * MIB,
        1_000,
        1 * MIB,
        4 * MIB,
        4 * MIB,
        4 * MIB,
        4 * KIB,
        200,
        slots(cores, heapBytes, module.memoryPages()),
        Duration.ofSeconds(5),
        2,
        64L * MIB);
  }

  /**
   * How many instances may run at once: one for each core, and all memories together at most a
   * quarter of the heap.
   */
  public static int slots(int cores, long heapBytes, int memoryPages) {
    long byHeap = Math.max(1, heapBytes / 4 / (memoryPages * 65_536L));
    return (int) Math.min(Math.max(1, cores), byHeap);
  }

  /** The most pages of 64 KiB a memory may have. */
  int memoryPages() {
    return module.memoryPages();
  }

  /** These limits with another budget of fuel. */
  public PluginLimits withFuel(long value) {
    return with(
        module, value, wallClock, instances, patience, interruptGrace, hostCall, cacheBytes);
  }

  /** These limits with other limits of modules. */
  public PluginLimits withModule(ModuleLimits value) {
    return with(value, fuel, wallClock, instances, patience, interruptGrace, hostCall, cacheBytes);
  }

  /** These limits with another wall clock. */
  public PluginLimits withWallClock(Duration value) {
    return with(module, fuel, value, instances, patience, interruptGrace, hostCall, cacheBytes);
  }

  /** These limits with another memory limit, in pages of 64 KiB. */
  public PluginLimits withMemoryPages(int value) {
    return with(
        module.withMemoryPages(value),
        fuel,
        wallClock,
        instances,
        patience,
        interruptGrace,
        hostCall,
        cacheBytes);
  }

  /** These limits with another number of instances and another patience. */
  public PluginLimits withInstances(int value, Duration newPatience) {
    return with(module, fuel, wallClock, value, newPatience, interruptGrace, hostCall, cacheBytes);
  }

  /** These limits with another grace after the interrupt. */
  public PluginLimits withInterruptGrace(Duration value) {
    return with(module, fuel, wallClock, instances, patience, value, hostCall, cacheBytes);
  }

  /** These limits with another time for one capability call. */
  public PluginLimits withHostCall(Duration value) {
    return with(module, fuel, wallClock, instances, patience, interruptGrace, value, cacheBytes);
  }

  /** These limits with another cache weight. */
  public PluginLimits withCacheBytes(long value) {
    return with(module, fuel, wallClock, instances, patience, interruptGrace, hostCall, value);
  }

  /**
   * The limits of one call: what a step sets may lower a limit, never raise it.
   *
   * @param timeout null leaves the wall clock as it is
   * @param memoryMib null leaves the memory as it is; in MiB
   */
  PluginLimits lowered(@Nullable Duration timeout, @Nullable Integer memoryMib) {
    Duration clock = timeout != null && timeout.compareTo(wallClock) < 0 ? timeout : this.wallClock;
    int pages = memoryPages();
    if (memoryMib != null) {
      pages = (int) Math.min(pages, memoryMib * 16L);
    }
    return with(
        module.withMemoryPages(pages),
        fuel,
        clock,
        instances,
        patience,
        interruptGrace,
        hostCall,
        cacheBytes);
  }

  private PluginLimits with(
      ModuleLimits ofModule,
      long units,
      Duration clock,
      int slots,
      Duration wait,
      Duration grace,
      Duration host,
      long cache) {
    return new PluginLimits(
        ofModule,
        units,
        hostCallFuel,
        clock,
        grace,
        host,
        stackBytes,
        hostCalls,
        requestBytes,
        replyBytes,
        inputBytes,
        outputBytes,
        logLineBytes,
        logLines,
        slots,
        wait,
        stuckThreads,
        cache);
  }

  static void between(String setting, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "Expected " + setting + " between " + least + " and " + most + ", but got " + value);
    }
  }

  private static void positive(String setting, Duration value) {
    if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(
          "Expected " + setting + " above 0 and at most one hour, but got " + value);
    }
  }
}
