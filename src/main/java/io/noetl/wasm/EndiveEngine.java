package io.noetl.wasm;

import io.noetl.wasm.Engine.GuestTrap.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import run.endive.compiler.Cache;
import run.endive.compiler.InterpreterFallback;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.GlobalInstance;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;
import run.endive.runtime.TableFactory;
import run.endive.runtime.TableInstance;
import run.endive.runtime.WasmFunctionHandle;
import run.endive.runtime.WasmInterruptedException;
import run.endive.wasm.Parser;
import run.endive.wasm.Version;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.MemoryLimits;
import run.endive.wasm.types.Table;
import run.endive.wasm.types.TableLimits;
import run.endive.wasm.types.ValType;

/** The engine in pure Java. The only class that imports it. Stateless, safe for many threads. */
final class EndiveEngine implements Engine {
  private static final long[] NOTHING = new long[0];

  private static final Map<AbiFunction, FunctionType> SIGNATURES = signatures();

  @Override
  public String version() {
    return "endive-" + Version.version() + "-" + ShortBranches.VERSION;
  }

  @Override
  public byte[] translate(byte[] wasm) {
    Taking taking = new Taking();
    machine(Parser.parse(wasm), taking);
    byte[] taken = taking.taken;
    if (taken == null) {
      throw new IllegalStateException("Expected the compiler to give its result, but it did not");
    }
    return ShortBranches.in(taken);
  }

  @Override
  public Code load(byte[] wasm, byte @Nullable [] translated, int tableElements) {
    WasmModule module = Parser.parse(wasm);
    Function<Instance, Machine> machine =
        translated == null ? null : machine(module, new Giving(translated));
    return new EndiveCode(module, machine, tableElements);
  }

  private static Function<Instance, Machine> machine(WasmModule module, Cache cache) {
    // A function that the JVM cannot take must be told at registration: interpreting it silently
    // would make it a hundred times slower than its author measured.
    return MachineFactoryCompiler.builder(module)
        .withInterpreterFallback(InterpreterFallback.FAIL)
        .withCache(cache)
        .compile();
  }

  /** Gives the compiler what it made earlier, so that it compiles nothing. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Giving(byte[] translated) implements Cache {
    @Override
    public byte[] get(String key) {
      return translated;
    }

    @Override
    public void putIfAbsent(String key, byte[] data) {
      throw new IllegalStateException("Expected the given code to be used, but it was not");
    }
  }

  /** Takes what the compiler made. */
  private static final class Taking implements Cache {
    private byte @Nullable [] taken;

    @Override
    public byte @Nullable [] get(String key) {
      return null;
    }

    @Override
    public void putIfAbsent(String key, byte[] data) {
      taken = data;
    }
  }

  @Override
  public void interrupt(Thread guest) {
    guest.interrupt();
  }

  private static Map<AbiFunction, FunctionType> signatures() {
    Map<AbiFunction, FunctionType> types = new EnumMap<>(AbiFunction.class);
    for (AbiFunction function : AbiFunction.values()) {
      List<ValType> parameters = Collections.nCopies(function.parameters(), ValType.I32);
      List<ValType> results = function.returns() ? List.of(ValType.I32) : List.of();
      types.put(function, FunctionType.of(parameters, results));
    }
    return Collections.unmodifiableMap(types);
  }

  private record EndiveCode(
      WasmModule module, @Nullable Function<Instance, Machine> machine, int tableElements)
      implements Code {

    @Override
    public Guest instantiate(Set<AbiFunction> linked, Imports imports, int memoryPages) {
      List<ImportFunction> functions = new ArrayList<>();
      for (AbiFunction function : linked) {
        functions.add(
            new HostFunction(
                AbiFunction.MODULE,
                function.wireName(),
                SIGNATURES.get(function),
                new Link(function, imports)));
      }
      MemoryLimits declared =
          module
              .memorySection()
              .orElseThrow(() -> new WasmEngineException("the module has no memory"))
              .getMemory(0)
              .limits();
      Instance.Builder builder =
          Instance.builder(module)
              .withStart(false)
              .withImportValues(ImportValues.builder().withFunctions(functions).build())
              .withMemoryFactory(ByteArrayMemory::new)
              .withMemoryLimits(
                  new MemoryLimits(
                      declared.initialPages(), Math.min(declared.maximumPages(), memoryPages)))
              .withTableFactory(new CappedTables(tableElements));
      if (machine != null) {
        builder.withMachineFactory(machine);
      }
      Instance instance = builder.build();
      return new EndiveGuest(instance, instance.exports().global(FuelMeter.EXPORT));
    }
  }

  /**
   * Gives each instance limits of its own: the engine writes the grown size into the limits object,
   * which would otherwise be the one of the shared module.
   */
  private record CappedTables(int elements) implements TableFactory {
    @Override
    public TableInstance create(Table table, int initial) {
      TableLimits limits = table.limits();
      return new TableInstance(
          new Table(
              table.elementType(), new TableLimits(limits.min(), Math.min(limits.max(), elements))),
          initial);
    }
  }

  /**
   * A class, not a lambda: linking a lambda on a guest's nearly spent stack could fail for ever.
   */
  private record Link(AbiFunction function, Imports imports) implements WasmFunctionHandle {
    @Override
    public long[] apply(Instance instance, long... args) {
      int c = args.length > 2 ? (int) args[2] : 0;
      int result =
          imports.call(function, new EndiveMemory(instance), (int) args[0], (int) args[1], c);
      return function.returns() ? new long[] {result} : NOTHING;
    }
  }

  private record EndiveMemory(Instance instance) implements Memory {
    @Override
    public long bytes() {
      return instance.memory().pages() * 65_536L;
    }

    @Override
    public byte[] read(int pointer, int length) {
      return instance.memory().readBytes(pointer, length);
    }

    @Override
    public void write(int pointer, byte[] source, int length) {
      instance.memory().write(pointer, source, 0, length);
    }
  }

  private record EndiveGuest(Instance instance, GlobalInstance remaining) implements Guest {
    @Override
    public boolean exports(String function) {
      for (int i = 0; i < instance.module().exportSection().exportCount(); i++) {
        if (instance.module().exportSection().getExport(i).name().equals(function)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void run(String function) throws GuestTrap {
      invoke(function);
    }

    @Override
    public int call(String function, int argument) throws GuestTrap {
      return (int) invoke(function, argument)[0];
    }

    @Override
    public Memory memory() {
      return new EndiveMemory(instance);
    }

    @Override
    public long fuel() {
      return remaining.getValue();
    }

    @Override
    public void fuel(long left) {
      remaining.setValue(left);
    }

    private long[] invoke(String function, long... arguments) throws GuestTrap {
      try {
        long[] results = instance.export(function).apply(arguments);
        return results == null ? NOTHING : results;
      } catch (WasmInterruptedException e) {
        throw new GuestTrap(Kind.INTERRUPTED, "interrupted", e);
      } catch (StackOverflowError e) {
        throw new GuestTrap(Kind.STACK_EXHAUSTED, "call stack exhausted", e);
      } catch (OutOfMemoryError e) {
        throw new GuestTrap(Kind.OUT_OF_MEMORY, "the host's memory is exhausted", e);
      } catch (RuntimeException e) {
        if (e.getCause() instanceof StackOverflowError) {
          throw new GuestTrap(Kind.STACK_EXHAUSTED, "call stack exhausted", e);
        }
        if (e.getCause() instanceof OutOfMemoryError) {
          throw new GuestTrap(Kind.OUT_OF_MEMORY, "the host's memory is exhausted", e);
        }
        throw new GuestTrap(Kind.TRAP, String.valueOf(e.getMessage()), e);
      }
    }
  }
}
