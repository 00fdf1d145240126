package io.noetl.wasm;

import io.noetl.envelope.Scrub;
import io.noetl.wasm.PluginResult.Failed;
import io.noetl.wasm.PluginResult.GuestError;
import io.noetl.wasm.PluginResult.Ok;
import io.noetl.wasm.PluginScript.Asked;
import io.noetl.wasm.PluginScript.Expectation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes one call of a plug-in down, so that {@link PluginRehearsal} can run it again on another
 * machine. A credential is written down by its name and the names of its members, never by a value.
 * One call; one thread.
 */
public final class PluginRecorder {
  private static final String CREDENTIAL = "host_get_credential";

  private final List<Asked> calls = new ArrayList<>();

  /** The same capabilities, which this recorder listens to. */
  public HostFunctions listening(HostFunctions functions) {
    return HostFunctions.of(
        functions.names().stream()
            .map(functions::named)
            .flatMap(Optional::stream)
            .map(real -> new Listening(real, this))
            .toArray(HostCapability[]::new));
  }

  /**
   * The call that has just ended.
   *
   * @param grants that it had
   */
  public PluginScript script(
      PluginModule module, PluginCall call, PluginGrants grants, PluginResult result) {
    // What stands in for a secret has another length, and so another cost.
    boolean same = calls.stream().noneMatch(PluginRecorder::gaveSecret);
    Long fuel = same ? (Long) result.usage().fuel() : null;
    Expectation expect =
        switch (result) {
          case Ok ok -> new Expectation(0, null, ok.output(), null, fuel);
          case GuestError error ->
              new Expectation(1, null, PluginRehearsal.document(error), null, fuel);
          // Where time or the stack ended it, the fuel depends on the machine.
          case Failed failed -> new Expectation(0, failed.code().name(), null, null, null);
        };
    return new PluginScript(
        module.digest(),
        call,
        module.path(),
        module.version(),
        grants.capabilities().stream().sorted().toList(),
        calls,
        expect);
  }

  private record Listening(HostCapability real, PluginRecorder recorder) implements HostCapability {
    @Override
    public String name() {
      return real.name();
    }

    @Override
    public HostReply call(HostCallContext context, byte[] request) {
      HostReply reply;
      try {
        reply = real.call(context, request);
      } catch (HostCallException e) {
        reply = e.reply();
      }
      recorder.calls.add(heard(name(), request, reply));
      return reply;
    }

    private static Asked heard(String name, byte[] request, HostReply reply) {
      Object asked = PluginRehearsal.requestOf(request);
      return switch (reply) {
        case HostReply.Done(byte[] document) ->
            new Asked(
                name,
                asked,
                0,
                name.equals(CREDENTIAL)
                    ? reference(Utf8Json.value(document))
                    : Utf8Json.value(document));
        case HostReply.Refused refused ->
            new Asked(
                name,
                asked,
                refused.error().code(),
                Map.of("code", refused.error().name(), "message", refused.message()));
      };
    }
  }

  private static boolean gaveSecret(Asked asked) {
    return asked.name().equals(CREDENTIAL) && asked.code() >= 0;
  }

  /** The members of a credential without any of their values: which, never what. */
  private static @Nullable Object reference(@Nullable Object reply) {
    Map<String, @Nullable Object> reference = new LinkedHashMap<>();
    if (reply instanceof Map<?, ?> members) {
      members.forEach(
          (name, value) ->
              reference.put(
                  String.valueOf(name), "name".equals(name) ? value : withoutValues(value)));
    }
    return reference;
  }

  private static @Nullable Object withoutValues(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> hidden = new LinkedHashMap<>();
        map.forEach((name, item) -> hidden.put(String.valueOf(name), withoutValues(item)));
        yield hidden;
      }
      case List<?> items -> {
        List<@Nullable Object> hidden = new ArrayList<>();
        items.forEach(item -> hidden.add(withoutValues(item)));
        yield hidden;
      }
      default -> Scrub.REDACTED;
    };
  }
}
