package io.noetl.wasm;

import io.noetl.wasm.Engine.GuestTrap;
import io.noetl.wasm.Handover.Answer;
import io.noetl.wasm.Handover.Request;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What happens on the guest's thread: make the instance, run it, serve the memory copies.
 *
 * <p>Everything here must work on a stack that the guest has nearly spent. It therefore touches
 * arrays and fields only: no logging, no text formatting, no lambda, no class that the start-up has
 * not warmed. Sentences are made by {@link GuestVerdict} on the caller's thread, which reads the
 * fields after {@link Handover} said that this side has ended.
 */
final class GuestRun implements Runnable, Engine.Imports {
  /** What a memory copy costs beside its bytes. */
  static final long UNITS_PER_COPY = 100;

  private static final byte[] EMPTY = new byte[0];

  /** Whether this side still runs, ended in time, or was given up by the caller. */
  private enum State {
    RUNNING,
    ENDED,
    ABANDONED
  }

  /** Why the host ended the guest. */
  enum Breach {
    POINTER,
    FUEL,
    OUTPUT_SIZE,
    SECOND_OVERRUN,
    NO_ANSWER
  }

  private final Engine.Code code;
  private final Set<AbiFunction> linked;
  private final PluginLimits limits;
  private final byte[] input;
  private final Handover handover;
  private final Runnable lateEnd;
  private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);

  private byte[] reply = EMPTY;
  private byte @Nullable [] output;
  private final byte[][] logLines;
  private final int[] logLevels;
  private int logged;
  private int logDropped;

  private @Nullable Thread owner;
  private Engine.@Nullable Guest guest;
  private long fuelLeft;
  private boolean instantiated;
  private int returned;
  private @Nullable Throwable failure;
  private long memoryPages;

  private @Nullable Breach breach;
  private @Nullable AbiFunction breachFunction;
  private long breachPointer;
  private long breachLength;

  /**
   * @param lateEnd runs on the guest's thread when it ends after it was abandoned
   */
  GuestRun(
      Engine.Code code,
      Set<AbiFunction> linked,
      PluginLimits limits,
      byte[] input,
      Handover handover,
      Runnable lateEnd) {
    this.code = code;
    this.linked = linked;
    this.limits = limits;
    this.input = input;
    this.handover = handover;
    this.lateEnd = lateEnd;
    this.logLines = new byte[limits.logLines()][];
    this.logLevels = new int[limits.logLines()];
  }

  @Override
  public void run() {
    if (owner != null) {
      throw new IllegalStateException("Expected a run to be used once, but it was used again");
    }
    owner = Thread.currentThread();
    try {
      Engine.Guest made = code.instantiate(linked, this, limits.memoryPages());
      made.fuel(limits.fuel());
      guest = made;
      instantiated = true;
      try {
        if (made.exports("_initialize")) {
          made.run("_initialize");
        }
        returned = made.call("execute", input.length);
      } finally {
        fuelLeft = made.fuel();
        memoryPages = made.memory().bytes() / 65_536;
      }
    } catch (GuestTrap | RuntimeException | Error e) {
      failure = e;
    } finally {
      boolean inTime = state.compareAndSet(State.RUNNING, State.ENDED);
      handover.end();
      if (!inTime) {
        lateEnd.run();
      }
    }
  }

  /**
   * Caller's side: gives the guest's thread up.
   *
   * @return false when it has ended after all
   */
  boolean abandon() {
    return state.compareAndSet(State.RUNNING, State.ABANDONED);
  }

  @Override
  public int call(AbiFunction function, Engine.Memory memory, int a, int b, int c) {
    if (Thread.currentThread() != owner) {
      // An instance belongs to one thread. Only a bug of ours comes here.
      throw new IllegalStateException("another thread uses the instance");
    }
    if (breach != null) {
      // The guest caught the first end and came back.
      throw new GuestEnded();
    }
    return switch (function) {
      case HOST_INPUT -> copyOut(function, memory, a, b, input);
      case HOST_REPLY -> copyOut(function, memory, a, b, reply);
      case HOST_OUTPUT -> takeOutput(memory, a, b);
      case HOST_LOG -> takeLog(memory, a, b, c);
      case HOST_PUT_EVENT,
          HOST_GET_CREDENTIAL,
          HOST_QUERY_PG,
          HOST_READ_EVENT_LOG,
          HOST_MUTATE_CATALOG,
          HOST_SYSTEM_CALL ->
          capability(function, memory, a, b);
    };
  }

  private int copyOut(AbiFunction function, Engine.Memory memory, int ptr, int cap, byte[] from) {
    check(function, memory, ptr, cap);
    int length = (int) Math.min(Integer.toUnsignedLong(cap), from.length);
    pay(function, UNITS_PER_COPY, length);
    if (length > 0) {
      memory.write(ptr, from, length);
    }
    return from.length;
  }

  private int takeOutput(Engine.Memory memory, int ptr, int len) {
    check(AbiFunction.HOST_OUTPUT, memory, ptr, len);
    if (Integer.toUnsignedLong(len) > limits.outputBytes()) {
      throw ended(Breach.OUTPUT_SIZE, AbiFunction.HOST_OUTPUT, ptr, len);
    }
    pay(AbiFunction.HOST_OUTPUT, UNITS_PER_COPY, len);
    output = len == 0 ? EMPTY : memory.read(ptr, len);
    return 0;
  }

  private int takeLog(Engine.Memory memory, int level, int ptr, int len) {
    check(AbiFunction.HOST_LOG, memory, ptr, len);
    pay(AbiFunction.HOST_LOG, UNITS_PER_COPY, 0);
    if (logged == logLines.length) {
      if (logDropped < Integer.MAX_VALUE) {
        logDropped++;
      }
      return 0;
    }
    int kept = Math.min(len, limits.logLineBytes());
    logLines[logged] = kept == 0 ? EMPTY : memory.read(ptr, kept);
    logLevels[logged] = level;
    logged++;
    return 0;
  }

  private int capability(AbiFunction function, Engine.Memory memory, int ptr, int len) {
    check(function, memory, ptr, len);
    long fuelAfter = pay(function, limits.hostCallFuel(), 0);
    long length = Integer.toUnsignedLong(len);
    byte[] request = null;
    if (length <= limits.requestBytes()) {
      request = len == 0 ? EMPTY : memory.read(ptr, len);
    }
    Answer answer =
        handover.ask(
            new Request(function, length, request, fuelAfter + limits.hostCallFuel(), fuelAfter));
    if (answer == null) {
      throw ended(Breach.NO_ANSWER, function, ptr, len);
    }
    if (answer.trap()) {
      throw ended(Breach.SECOND_OVERRUN, function, ptr, len);
    }
    reply = answer.reply();
    return answer.code();
  }

  private void check(AbiFunction function, Engine.Memory memory, int ptr, int len) {
    if (Integer.toUnsignedLong(ptr) + Integer.toUnsignedLong(len) > memory.bytes()) {
      throw ended(Breach.POINTER, function, ptr, len);
    }
  }

  /** The host's work for the guest comes out of the guest's fuel. */
  private long pay(AbiFunction function, long units, int bytes) {
    Engine.Guest payer = guest;
    if (payer == null) {
      // Nothing of a guest runs before its instance is there.
      throw ended(Breach.FUEL, function, 0, bytes);
    }
    long left = payer.fuel() - units - (bytes >> FuelPlan.BYTES_PER_UNIT);
    payer.fuel(left);
    if (left < 0) {
      throw ended(Breach.FUEL, function, 0, bytes);
    }
    return left;
  }

  private GuestEnded ended(Breach why, AbiFunction function, int ptr, int len) {
    breach = why;
    breachFunction = function;
    breachPointer = Integer.toUnsignedLong(ptr);
    breachLength = Integer.toUnsignedLong(len);
    return new GuestEnded();
  }

  /** What the guest spent; all of it when it wanted more. */
  long fuelUsed() {
    return instantiated ? limits.fuel() - Math.max(0, fuelLeft) : 0;
  }

  /** Whether the guest wanted more than it had. */
  boolean fuelSpent() {
    return fuelLeft < 0;
  }

  boolean instantiated() {
    return instantiated;
  }

  int returned() {
    return returned;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  long memoryPages() {
    return memoryPages;
  }

  byte @Nullable [] output() {
    return output;
  }

  @Nullable Breach breach() {
    return breach;
  }

  @Nullable AbiFunction breachFunction() {
    return breachFunction;
  }

  long breachPointer() {
    return breachPointer;
  }

  long breachLength() {
    return breachLength;
  }

  int logged() {
    return logged;
  }

  byte[] logLine(int index) {
    return logLines[index];
  }

  int logLevel(int index) {
    return logLevels[index];
  }

  int logDropped() {
    return logDropped;
  }

  /** Unwinds the guest; why is in the fields. Cheap, because a guest can provoke it. */
  private static final class GuestEnded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GuestEnded() {
      super("the host ended the guest", null, false, false);
    }
  }
}
