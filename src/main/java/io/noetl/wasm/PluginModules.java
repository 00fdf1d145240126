package io.noetl.wasm;

import io.noetl.wasm.PluginLoad.Loaded;
import io.noetl.wasm.PluginLoad.Refused;
import io.noetl.wasm.Translator.Untranslatable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The modules kept in memory, by path, version, digest, engine version, version of the metering and
 * mode: least recently used go first when their weight exceeds {@code plugin.cache-bytes}. Safe for
 * many threads; a module wanted by several threads at once is loaded once.
 *
 * <p>A refusal and a failed source are not kept: the next call asks again. A call in flight keeps
 * its module alive after it left the cache.
 */
public final class PluginModules {
  /** What an entry costs beyond its bytes: parsed module, classes, class loader. */
  private static final long ENTRY_BYTES = 64 * 1024;

  /** Translated code and the parsed module together are about this many times the module. */
  private static final long CODE_FACTOR = 4;

  private final PluginLimits limits;
  private final PluginCompiler compiler;
  private final PluginInspector inspector;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Key, PluginModule> kept = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Key, FutureTask<PluginLoad>> loading = new HashMap<>();
  private long weight;
  private long loads;

  /** An empty cache with these limits. */
  public PluginModules(PluginLimits limits, PluginCompiler compiler) {
    this.limits = limits;
    this.compiler = compiler;
    this.inspector = new PluginInspector(limits);
  }

  /** Where the bytes of a module come from on a miss. */
  public interface Source {
    /**
     * @throws RuntimeException when they cannot be had now; passed on to every caller that waits
     */
    byte[] bytes();
  }

  private record Key(
      String path,
      int version,
      String digest,
      String engineVersion,
      String meterVersion,
      EngineMode mode) {}

  /**
   * The module of this path, version and digest.
   *
   * @param digest SHA-256 as pinned by the catalog, 64 lower-case hexadecimal digits
   * @throws InterruptedException while another thread loads the same module
   */
  public PluginLoad load(String path, int version, String digest, EngineMode mode, Source source)
      throws InterruptedException {
    Key key = new Key(path, version, digest, compiler.engine().version(), FuelMeter.VERSION, mode);
    FutureTask<PluginLoad> task;
    boolean mine = false;
    lock.lock();
    try {
      PluginModule module = kept.get(key);
      if (module != null) {
        return new Loaded(module);
      }
      FutureTask<PluginLoad> running = loading.get(key);
      if (running == null) {
        running = new FutureTask<>(() -> loadNow(key, source));
        loading.put(key, running);
        loads++;
        mine = true;
      }
      task = running;
    } finally {
      lock.unlock();
    }
    if (mine) {
      task.run();
    }
    try {
      return task.get();
    } catch (ExecutionException e) {
      return rethrow(e.getCause());
    }
  }

  /** Drops every version of a path, for instance after it was archived. */
  public void drop(String path) {
    lock.lock();
    try {
      List<Key> keys = new ArrayList<>(kept.keySet());
      for (Key key : keys) {
        PluginModule module = key.path().equals(path) ? kept.remove(key) : null;
        if (module != null) {
          weight -= weigh(module);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Modules in memory. */
  public int size() {
    lock.lock();
    try {
      return kept.size();
    } finally {
      lock.unlock();
    }
  }

  /** Misses since the start, each of which loaded or tried to. */
  public long loads() {
    lock.lock();
    try {
      return loads;
    } finally {
      lock.unlock();
    }
  }

  private PluginLoad loadNow(Key key, Source source) {
    try {
      PluginLoad load = admitted(key, source.bytes());
      if (load instanceof Loaded(PluginModule module)) {
        keep(key, module);
      }
      return load;
    } finally {
      lock.lock();
      try {
        loading.remove(key);
      } finally {
        lock.unlock();
      }
    }
  }

  private PluginLoad admitted(Key key, byte[] bytes) {
    String name = "plug-in " + key.path() + " version " + key.version();
    PluginInspector.Admission admission = inspector.admit(bytes);
    PluginInspection inspection = admission.inspection();
    if (!inspection.digest().equals(key.digest())) {
      return invalid(
          "Expected " + name + " with digest " + key.digest() + ", but got " + inspection.digest());
    }
    if (!inspection.admitted()) {
      return invalid(name + " is not admitted: " + inspection.faultText());
    }
    Engine.Code code;
    try {
      byte[] metered = FuelMeter.instrument(bytes, admission.outline());
      code = compiler.code(key.digest(), metered, key.mode(), limits);
    } catch (Untranslatable e) {
      return invalid(name + " cannot be compiled: " + e.text());
    }
    return new Loaded(new PluginModule(key.path(), key.version(), inspection, key.mode(), code));
  }

  private static Refused invalid(String message) {
    return new Refused(PluginErrorCode.PLUGIN_INVALID, message);
  }

  private void keep(Key key, PluginModule module) {
    lock.lock();
    try {
      kept.put(key, module);
      weight += weigh(module);
      Iterator<PluginModule> oldest = kept.values().iterator();
      // The newest stays even when it alone is too heavy: it is about to be called.
      while (weight > limits.cacheBytes() && kept.size() > 1) {
        weight -= weigh(oldest.next());
        oldest.remove();
      }
    } finally {
      lock.unlock();
    }
  }

  private static long weigh(PluginModule module) {
    return ENTRY_BYTES + CODE_FACTOR * module.inspection().bytes();
  }

  private static PluginLoad rethrow(@Nullable Throwable cause) {
    switch (cause) {
      case null -> throw new IllegalStateException("Expected a cause");
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException("Expected no checked exception", cause);
    }
  }
}
