package io.noetl.wasm;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this package needs of a WebAssembly engine. Knows nothing of plug-ins, grants or limits
 * other than memory.
 *
 * <p>An engine and its {@link Code} may be used by any number of threads; a {@link Guest} belongs
 * to one call and one thread.
 */
interface Engine {
  /** Names the engine and its version; part of every cache key. */
  String version();

  /**
   * Parses, validates and translates a module that admission has accepted and {@link FuelMeter} has
   * metered. May take long and much memory, and cannot be interrupted.
   *
   * @throws RuntimeException or an error of any type when the module is not valid; the caller must
   *     not let the type decide
   */
  byte[] translate(byte[] wasm);

  /**
   * Makes a module ready to run.
   *
   * @param translated what {@link #translate} gave for the same bytes, on this or another machine;
   *     null to interpret
   * @param tableElements the most elements its table may grow to
   * @throws RuntimeException or an error of any type, as {@link #translate}
   */
  Code load(byte[] wasm, byte @Nullable [] translated, int tableElements);

  /** Asks the guest that runs on this thread to end; returns at once. */
  void interrupt(Thread guest);

  /** A translated module without state. */
  interface Code {
    /**
     * Makes an instance with its own memory. Runs no code of the guest.
     *
     * @param linked the only imports that exist for this instance; a missing one is an exception
     * @param imports answers the imports, on the thread that runs the guest
     * @param memoryPages the most 64 KiB pages the memory may grow to
     */
    Guest instantiate(Set<AbiFunction> linked, Imports imports, int memoryPages);
  }

  /** An instance of a module. */
  interface Guest {
    /** Whether a function is exported under this name. */
    boolean exports(String function);

    /** Calls an exported function that takes and returns nothing. */
    void run(String function) throws GuestTrap;

    /** Calls an exported function of the signature {@code (i32) -> i32}. */
    int call(String function, int argument) throws GuestTrap;

    Memory memory();

    /** Fuel left; below zero when the guest ran out of it. */
    long fuel();

    void fuel(long left);
  }

  /** The linear memory of an instance. */
  interface Memory {
    /** Present size in bytes. */
    long bytes();

    /** A copy of a range that the caller has checked. */
    byte[] read(int pointer, int length);

    /** Writes into a range that the caller has checked. */
    void write(int pointer, byte[] source, int length);
  }

  /** The host's side of the imports. */
  interface Imports {
    /**
     * @return the result, or 0 for a function without one
     */
    int call(AbiFunction function, Memory memory, int a, int b, int c);
  }

  /** The guest ended without returning. */
  final class GuestTrap extends Exception {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    GuestTrap(Kind kind, String message, Throwable cause) {
      super(message, cause);
      this.kind = kind;
    }

    Kind kind() {
      return kind;
    }

    /** Why. */
    enum Kind {
      TRAP,
      STACK_EXHAUSTED,
      OUT_OF_MEMORY,
      INTERRUPTED
    }
  }
}
