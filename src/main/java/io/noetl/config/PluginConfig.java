package io.noetl.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The limits of WASM plug-ins. Those of a module hold on the server, which admits it, and in the
 * pool, which runs it; give both the same.
 *
 * @param moduleBytes size of a module
 * @param customBytes all custom sections together
 * @param functions functions of a module
 * @param functionBytes bytes of one function body
 * @param locals locals of one function
 * @param nesting blocks inside each other
 * @param branchTable entries of one branch table
 * @param types entries of the type section
 * @param tableElements elements of the table, also after growing
 * @param memoryPages linear memory in pages of 64 KiB
 * @param fuel units that one call may spend
 * @param hostCallFuel units that one capability call costs
 * @param wallClock time of the guest, host calls not counted
 * @param interruptGrace how long a guest may take to obey before its version is quarantined
 * @param hostCall time of one capability call
 * @param stackBytes stack of the guest's thread
 * @param hostCalls capability calls of one call
 * @param requestBytes request of one capability call
 * @param replyBytes reply of one capability call
 * @param queryRows rows of one reply of {@code host_query_pg}
 * @param inputBytes the input document
 * @param outputBytes the output document
 * @param logLineBytes one log line; longer ones are cut
 * @param logLines log lines of one call
 * @param instances calls that run at once; 0 = one for each core, memories at most a quarter of the
 *     heap
 * @param patience how long a call waits for a free instance
 * @param stuckThreads guest threads that may be stuck before the process is unready
 * @param cacheBytes weight of the modules kept in memory
 * @param recordings folder that every call is recorded in, for replays; none = nothing is recorded
 * @param compileTimeout after which the process that compiles a module is killed
 * @param compileMemory heap of that process
 * @param compilers such processes at once
 * @param artefacts folder that keeps compiled modules; none = in memory only
 * @param artefactKey what signs them; the same in all processes that share the folder
 * @param signers PEM file of the Ed25519 public keys that may sign modules
 * @param unsignedSystem whether modules of the system need no signature, for development
 * @param signedTenants tenants none of whose modules go without a signature
 */
public record PluginConfig(
    long moduleBytes,
    long customBytes,
    int functions,
    long functionBytes,
    int locals,
    int nesting,
    int branchTable,
    int types,
    int tableElements,
    int memoryPages,
    int fuel,
    int hostCallFuel,
    Duration wallClock,
    Duration interruptGrace,
    Duration hostCall,
    long stackBytes,
    int hostCalls,
    long requestBytes,
    long replyBytes,
    int queryRows,
    long inputBytes,
    long outputBytes,
    long logLineBytes,
    int logLines,
    int instances,
    Duration patience,
    int stuckThreads,
    long cacheBytes,
    Optional<Path> recordings,
    Duration compileTimeout,
    long compileMemory,
    int compilers,
    Optional<Path> artefacts,
    Secret artefactKey,
    Optional<Path> signers,
    boolean unsignedSystem,
    List<String> signedTenants) {

  private static final long MIB = 1L << 20;
  private static final int KEY_CHARACTERS = 16;

  public PluginConfig {
    signedTenants = List.copyOf(signedTenants);
    Duration least = Duration.ofMillis(1);
    Duration most = Duration.ofHours(1);
    new Checks("plugin")
        .bytes("module-bytes", moduleBytes, 1, 64 * MIB)
        .bytes("custom-bytes", customBytes, 0, 64 * MIB)
        .range("functions", functions, 1, 1_000_000)
        .bytes("function-bytes", functionBytes, 1, 64 * MIB)
        .range("locals", locals, 0, 49_000)
        .range("nesting", nesting, 1, 2_000)
        .range("branch-table", branchTable, 0, 1_000_000)
        .range("types", types, 1, 1_000_000)
        .range("table-elements", tableElements, 0, 10_000_000)
        .range("memory-pages", memoryPages, 1, 16_384)
        .range("fuel", fuel, 1, 999_999_999)
        .range("host-call-fuel", hostCallFuel, 0, 999_999_999)
        .range("wall-clock", wallClock, least, most)
        .range("interrupt-grace", interruptGrace, least, most)
        .range("host-call", hostCall, least, most)
        .bytes("stack-bytes", stackBytes, 256 << 10, 64 * MIB)
        .range("host-calls", hostCalls, 0, 1_000_000)
        .bytes("request-bytes", requestBytes, 1, 64 * MIB)
        .bytes("reply-bytes", replyBytes, 1 << 10, 64 * MIB)
        .range("query-rows", queryRows, 1, 1_000_000)
        .bytes("input-bytes", inputBytes, 1, 64 * MIB)
        .bytes("output-bytes", outputBytes, 1, 64 * MIB)
        .bytes("log-line-bytes", logLineBytes, 1, MIB)
        .range("log-lines", logLines, 0, 100_000)
        .range("instances", instances, 0, 10_000)
        .range("patience", patience, least, most)
        .range("stuck-threads", stuckThreads, 0, 1_000)
        .bytes("cache-bytes", cacheBytes, 1, 1L << 40)
        .range("compile-timeout", compileTimeout, Duration.ofMillis(100), Duration.ofMinutes(10))
        .bytes("compile-memory", compileMemory, 32 * MIB, 16L << 30)
        .range("compilers", compilers, 1, 100)
        .that(
            artefacts.isEmpty() || artefactKey.reveal().length() >= KEY_CHARACTERS,
            "artefact-key",
            "Expected at least "
                + KEY_CHARACTERS
                + " characters beside plugin.artefacts: a compiled module is code with the rights"
                + " of this process")
        .done();
  }

  static PluginConfig from(Values values) {
    return new PluginConfig(
        values.bytes("module-bytes", 4 * MIB, "Size of a plug-in module"),
        values.bytes("custom-bytes", MIB, "All custom sections of a module together"),
        values.integer("functions", 20_000, "Functions of a module"),
        values.bytes("function-bytes", 128 << 10, "Bytes of one function body"),
        values.integer("locals", 2_000, "Locals of one function"),
        values.integer("nesting", 256, "Blocks inside each other"),
        values.integer("branch-table", 4_096, "Entries of one branch table"),
        values.integer("types", 2_000, "Entries of a module's type section"),
        values.integer("table-elements", 10_000, "Elements of the table, also after growing"),
        values.integer("memory-pages", 256, "Linear memory in pages of 64 KiB"),
        values.integer("fuel", 100_000_000, "Units of fuel that one call may spend"),
        values.integer("host-call-fuel", 10_000, "Units of fuel that one host call costs"),
        values.duration("wall-clock", Duration.ofSeconds(2), "Time of the guest in one call"),
        values.duration(
            "interrupt-grace",
            Duration.ofSeconds(1),
            "How long a guest may take to stop before its version is quarantined"),
        values.duration("host-call", Duration.ofSeconds(5), "Time of one host call"),
        values.bytes("stack-bytes", MIB, "Stack of the guest's thread"),
        values.integer("host-calls", 1_000, "Host calls of one call"),
        values.bytes("request-bytes", MIB, "Request of one host call"),
        values.bytes("reply-bytes", 4 * MIB, "Reply of one host call"),
        values.integer("query-rows", 10_000, "Rows of one reply to a plug-in's SQL"),
        values.bytes("input-bytes", 4 * MIB, "Input of one call"),
        values.bytes("output-bytes", 4 * MIB, "Output of one call"),
        values.bytes("log-line-bytes", 4 << 10, "One log line; longer ones are cut"),
        values.integer("log-lines", 200, "Log lines of one call"),
        values.integer("instances", 0, "Calls that run at once; 0 = by cores and heap"),
        values.duration("patience", Duration.ofSeconds(5), "How long a call waits for an instance"),
        values.integer("stuck-threads", 2, "Guest threads that may be stuck until unready"),
        values.bytes("cache-bytes", 64 * MIB, "Weight of the modules kept in memory"),
        values.optionalPath(
            "recordings", "Folder that every call is recorded in; none = nothing is recorded"),
        values.duration(
            "compile-timeout",
            Duration.ofSeconds(20),
            "After which the process that compiles a module is killed"),
        values.bytes("compile-memory", 256 * MIB, "Heap of the process that compiles a module"),
        values.integer("compilers", 2, "Processes that compile modules at once"),
        values.optionalPath("artefacts", "Folder for compiled modules; none = in memory only"),
        values.secret("artefact-key", "Signs compiled modules in plugin.artefacts"),
        values.optionalPath(
            "signers", "PEM file of the Ed25519 public keys that may sign plug-in modules"),
        values.bool(
            "unsigned-system",
            false,
            "Whether modules of system/ paths need no signature; for development"),
        values.list(
            "signed-tenants", List.of(), "Tenants none of whose modules go without a signature"));
  }

  /** The values that hold when nothing is set. */
  public static PluginConfig defaults() {
    return from(Values.defaults("plugin"));
  }
}
