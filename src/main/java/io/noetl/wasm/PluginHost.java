package io.noetl.wasm;

import static io.noetl.wasm.PluginErrorCode.PLUGIN_BUSY;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_FAILED;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_IMPORT_DENIED;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_MEMORY;
import static io.noetl.wasm.PluginErrorCode.PLUGIN_QUARANTINED;

import io.noetl.json.JsonException;
import io.noetl.wasm.PluginResult.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs calls of plug-ins. Safe for many threads; meant to be called from the virtual thread that
 * owns the command, which also serves the capability calls.
 */
public final class PluginHost {
  private static final Logger LOG = LoggerFactory.getLogger(PluginHost.class);

  private final PluginLimits limits;
  private final Engine engine;
  private final Semaphore slots;
  private final Set<Version> quarantined = ConcurrentHashMap.newKeySet();
  private final AtomicInteger stuck = new AtomicInteger();

  private record Version(String path, int version, String digest) {
    static Version of(PluginModule module) {
      return new Version(module.path(), module.version(), module.digest());
    }
  }

  /**
   * A host whose classes are warm: takes some tenths of a second.
   *
   * @throws IllegalStateException when the engine does not run the host's own test module
   */
  public PluginHost(PluginLimits limits) {
    this(limits, new EndiveEngine());
    WarmUp.run(limits, engine);
  }

  /** A cold host, for tests and for the warming itself. */
  PluginHost(PluginLimits limits, Engine engine) {
    this.limits = limits;
    this.engine = engine;
    this.slots = new Semaphore(limits.instances(), true);
  }

  /**
   * Runs one call on a fresh instance and waits for its end.
   *
   * @param grants what the tenant may use; asked again at every capability call
   * @param host what this installation offers
   * @return how it ended; no failure of a guest is an exception
   * @throws InterruptedException when the calling thread is interrupted; the guest has then been
   *     stopped
   */
  public PluginResult call(
      PluginModule module, PluginCall call, PluginGrants grants, HostFunctions host)
      throws InterruptedException {
    PluginLimits own = limits.lowered(call.timeout(), call.memoryMib());
    GuestVerdict verdict = new GuestVerdict(module, call, own);
    Set<AbiFunction> imports = module.imports();
    Optional<String> problem = ImportCheck.problem(module.path(), imports, grants, host.names());
    if (problem.isPresent()) {
      return new PluginResult.Failed(PLUGIN_IMPORT_DENIED, problem.get(), Usage.NONE);
    }
    if (module.inspection().memoryPages() > own.memoryPages()) {
      return verdict.failed(
          PLUGIN_MEMORY,
          "Expected an initial memory of at most "
              + own.memoryPages()
              + " pages (plugin.memory-pages), but got "
              + module.inspection().memoryPages(),
          Usage.NONE);
    }
    byte[] input;
    try {
      input = call.document(module);
    } catch (JsonException e) {
      return verdict.failed(
          PLUGIN_FAILED, "Expected an input that is JSON: " + e.getMessage(), Usage.NONE);
    }
    if (input.length > own.inputBytes()) {
      return verdict.failed(
          PLUGIN_FAILED,
          "Expected an input of at most "
              + own.inputBytes()
              + " bytes (plugin.input-bytes), but got "
              + input.length,
          Usage.NONE);
    }
    if (!slots.tryAcquire(own.patience().toNanos(), TimeUnit.NANOSECONDS)) {
      return verdict.failed(
          PLUGIN_BUSY,
          "Expected a free instance slot of "
              + own.instances()
              + " (plugin.instances) within "
              + own.patience()
              + " (plugin.patience)",
          Usage.NONE);
    }
    try {
      // After the wait, because the version may have been taken out of service meanwhile.
      if (isQuarantined(module)) {
        return verdict.failed(
            PLUGIN_QUARANTINED,
            "Expected a version in service, but a guest of it did not stop when told",
            Usage.NONE);
      }
      HostCalls calls = new HostCalls(module, call, grants, host, own);
      return run(module, imports, own, input, calls, verdict);
    } finally {
      slots.release();
    }
  }

  /** Whether calls of this version are refused, because a guest of it did not stop. */
  public boolean isQuarantined(PluginModule module) {
    return quarantined.contains(Version.of(module));
  }

  /** Guest threads that did not stop when told and still run. */
  public int stuckThreads() {
    return stuck.get();
  }

  /** False when more guest threads are stuck than {@code plugin.stuck-threads} allows. */
  public boolean ready() {
    return stuckThreads() <= limits.stuckThreads();
  }

  /** Calls that hold an instance slot now. */
  public int running() {
    return limits.instances() - slots.availablePermits();
  }

  private PluginResult run(
      PluginModule module,
      Set<AbiFunction> imports,
      PluginLimits own,
      byte[] input,
      HostCalls calls,
      GuestVerdict verdict)
      throws InterruptedException {
    Handover handover =
        new Handover(Thread.currentThread(), own.hostCall().plus(own.interruptGrace()).toNanos());
    GuestRun guest =
        new GuestRun(module.code(), imports, own, input, handover, stuck::decrementAndGet);
    long started = System.nanoTime();
    Thread thread =
        Thread.ofPlatform()
            .name("plugin-" + module.path())
            .daemon()
            .inheritInheritableThreadLocals(false)
            .stackSize(own.stackBytes())
            .start(guest);
    boolean ended = false;
    boolean gone = false;
    try {
      ended = serve(handover, thread, calls, own.wallClock().toNanos());
    } finally {
      // Whatever ended the wait, an interrupt or a bug of a capability included: no guest runs on.
      gone = ended || stop(module, guest, thread, own);
    }
    long guestNanos = System.nanoTime() - started - calls.nanos();
    Usage usage =
        new Usage(
            guestNanos / 1000,
            calls.nanos() / 1000,
            calls.calls(),
            gone ? guest.fuelUsed() : 0,
            calls.records(),
            // The fields of a guest that was given up may still be written to.
            gone ? GuestVerdict.log(guest) : List.of(),
            gone ? guest.logDropped() : 0);
    return ended ? verdict.of(guest, usage) : verdict.timeout(usage);
  }

  /**
   * Answers the guest's calls until it ends.
   *
   * @return false when its own time, without that of the answers, is spent
   */
  private static boolean serve(Handover handover, Thread guest, HostCalls calls, long budgetNanos)
      throws InterruptedException {
    long left = budgetNanos;
    while (true) {
      long resumed = System.nanoTime();
      switch (handover.await(left)) {
        case ENDED -> {
          return true;
        }
        case DEADLINE -> {
          return false;
        }
        case REQUEST -> {
          left -= System.nanoTime() - resumed;
          Handover.Answer answer = calls.answer(handover.take());
          if (Thread.interrupted()) {
            // A quick guest would end well before anybody looked.
            throw new InterruptedException();
          }
          handover.give(answer, guest);
        }
      }
    }
  }

  /**
   * Interrupts the guest and waits for its end.
   *
   * @return false when it did not end and was given up
   */
  private boolean stop(PluginModule module, GuestRun guest, Thread thread, PluginLimits own) {
    engine.interrupt(thread);
    boolean interrupted = false;
    long deadline = System.nanoTime() + own.interruptGrace().toNanos();
    while (thread.isAlive() && deadline - System.nanoTime() > 0) {
      try {
        thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    // Counted before it is given up, so that a late end never counts below zero.
    stuck.incrementAndGet();
    if (guest.abandon()) {
      quarantined.add(Version.of(module));
      LOG.error(
          "Expected the guest of plug-in {} to stop within {} (plugin.interrupt-grace), but it runs"
              + " on; the version is quarantined",
          module,
          own.interruptGrace());
      return false;
    }
    stuck.decrementAndGet();
    return true;
  }
}
