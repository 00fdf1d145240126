package io.noetl.wasm;

import io.noetl.wasm.Handover.Answer;
import io.noetl.wasm.Handover.Request;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the capability calls of one call of a plug-in, on the caller's thread. */
final class HostCalls {
  private static final Logger LOG = LoggerFactory.getLogger(HostCalls.class);

  private final PluginModule module;
  private final PluginCall call;
  private final PluginGrants grants;
  private final HostFunctions host;
  private final PluginLimits limits;
  private final Map<AbiFunction, Integer> ordinals = new EnumMap<>(AbiFunction.class);
  private final Set<String> overruns = new HashSet<>();
  private final List<HostCallRecord> records = new ArrayList<>();
  private @Nullable String credential;
  private int calls;
  private long nanos;

  HostCalls(
      PluginModule module,
      PluginCall call,
      PluginGrants grants,
      HostFunctions host,
      PluginLimits limits) {
    this.module = module;
    this.call = call;
    this.grants = grants;
    this.host = host;
    this.limits = limits;
  }

  /** Never throws for what a guest can cause. */
  Answer answer(Request request) {
    calls++;
    credential = null;
    long started = System.nanoTime();
    HostReply reply = limited(request);
    long took = System.nanoTime() - started;
    nanos += took;
    if (took > limits.hostCall().toNanos()) {
      reply =
          HostReply.refused(
              HostError.TIMEOUT,
              "Expected an answer within "
                  + limits.hostCall()
                  + " (plugin.host-call); the effect may have happened");
    }
    Answer answer = answer(request, reply);
    byte[] asked = request.bytes();
    records.add(
        new HostCallRecord(
            request.function().wireName(),
            asked == null ? "" : PluginInspector.digest(asked),
            credential,
            answer.code(),
            answer.reply().length,
            took / 1000,
            request.fuelBefore(),
            request.fuelAfter()));
    return answer;
  }

  private Answer answer(Request request, HostReply reply) {
    return switch (reply) {
      case HostReply.Done(byte[] document) when document.length > limits.replyBytes() ->
          refuse(
              request.function(),
              new HostReply.Refused(
                  HostError.TOO_LARGE,
                  "Expected a reply of at most "
                      + limits.replyBytes()
                      + " bytes (plugin.reply-bytes), but got "
                      + document.length));
      case HostReply.Done(byte[] document) -> new Answer(document.length, document, false);
      case HostReply.Refused refused -> refuse(request.function(), refused);
    };
  }

  int calls() {
    return calls;
  }

  /** Every call, in order. */
  List<HostCallRecord> records() {
    return List.copyOf(records);
  }

  /** Time spent here, in nanoseconds. */
  long nanos() {
    return nanos;
  }

  private HostReply limited(Request request) {
    AbiFunction function = request.function();
    if (calls > limits.hostCalls()) {
      return HostReply.refused(
          HostError.BUDGET,
          "Expected at most "
              + limits.hostCalls()
              + " host calls (plugin.host-calls), but got one more");
    }
    byte[] bytes = request.bytes();
    if (bytes == null) {
      return HostReply.refused(
          HostError.TOO_LARGE,
          "Expected a request of at most "
              + limits.requestBytes()
              + " bytes (plugin.request-bytes), but got "
              + request.length());
    }
    // Again, because a grant may have been withdrawn since the function was linked.
    Optional<HostCapability> capability =
        grants.capabilities().contains(function.wireName())
            ? host.named(function.wireName())
            : Optional.empty();
    if (capability.isEmpty()) {
      return HostReply.refused(
          HostError.DENIED,
          function.wireName() + " is not granted to tenant " + grants.tenant() + " any more");
    }
    int ordinal = ordinals.merge(function, 1, Integer::sum);
    return served(capability.get(), ordinal, bytes);
  }

  private HostReply served(HostCapability capability, int ordinal, byte[] bytes) {
    HostCallContext context =
        new HostCallContext(
            call.tenant(),
            call.executionId(),
            call.commandId(),
            call.step(),
            module.path(),
            module.version(),
            ordinal,
            limits.hostCall(),
            name -> credential = name);
    try {
      return capability.call(context, bytes);
    } catch (HostCallException e) {
      return e.reply();
    } catch (RuntimeException e) {
      LOG.error(
          "Expected {} to answer, but it failed (execution={}, step={}, command={}, plugin={})",
          capability.name(),
          call.executionId(),
          call.step(),
          call.commandId(),
          module,
          e);
      return HostReply.refused(HostError.INTERNAL, "the host failed");
    }
  }

  /** The second overrun of the same budget ends the guest: it does not listen. */
  private Answer refuse(AbiFunction function, HostReply.Refused refused) {
    boolean overrun = refused.error() == HostError.BUDGET || refused.error() == HostError.TOO_LARGE;
    boolean trap = overrun && !overruns.add(function + " " + refused.error());
    return new Answer(refused.error().code(), refused.detail(), trap);
  }
}
