package io.noetl.pool;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.postgres.GuestSql;
import io.noetl.tool.postgres.GuestSql.Rights;
import io.noetl.tool.postgres.PgAddresses;
import io.noetl.wasm.CapabilityEffect;
import io.noetl.wasm.HostCallContext;
import io.noetl.wasm.HostCallException;
import io.noetl.wasm.HostError;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code host_query_pg}: the server says with which credential, by the grant as it is now, and
 * whether the plug-in is the system's; the statement runs from here.
 */
record PluginQuery(ServerClient server, Secrets secrets, GuestSql sql, Identity identity)
    implements CapabilityEffect {
  private static final Logger log = LoggerFactory.getLogger(PluginQuery.class);

  @Override
  public Map<String, @Nullable Object> serve(
      HostCallContext context, Map<String, @Nullable Object> request) {
    long started = System.nanoTime();
    // The statement stays here: the server need not see it.
    Map<String, @Nullable Object> granted =
        new ServerCapabilities(server, "host_query_pg").serve(context, Map.of());
    Credential credential = PluginCredential.credential(granted);
    context.usesCredential().accept(credential.name());
    secrets.handedOut(credential, identity);
    Rights rights = Boolean.TRUE.equals(granted.get("system")) ? Rights.WRITE : Rights.READ;
    try {
      GuestSql.Answer answer =
          sql.run(
              target(credential),
              rights,
              String.valueOf(request.get("sql")),
              request.get("params") instanceof List<?> params ? params : List.of(),
              left(context.timeout(), started));
      Map<String, @Nullable Object> reply = new LinkedHashMap<>();
      reply.put("columns", answer.columns());
      reply.put("rows", answer.rows());
      reply.put("truncated", answer.truncated());
      if (rights == Rights.WRITE) {
        reply.put("affected_rows", answer.affected());
      }
      return reply;
    } catch (GuestSql.Refused e) {
      throw new HostCallException(
          error(e.reason()), secrets.clean(String.valueOf(e.getMessage()), identity));
    } catch (InterruptedException e) {
      // The statement has been stopped, and so will be the plug-in.
      Thread.currentThread().interrupt();
      throw new HostCallException(HostError.UNAVAILABLE, "the call was stopped");
    }
  }

  /** A tenth is left for stopping what takes too long, and for the way back. */
  private static Duration left(Duration whole, long started) {
    Duration left = whole.multipliedBy(9).dividedBy(10).minusNanos(System.nanoTime() - started);
    return left.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : left;
  }

  private PgAddresses.Target target(Credential credential) {
    try {
      PgAddresses.tell(ToolKind.POSTGRES, credential, secrets, identity);
      return PgAddresses.of(ToolKind.POSTGRES, credential);
    } catch (InvalidConfig | CredentialException e) {
      log.warn(
          "Expected credential '{}' to lead to a database, but {}",
          credential.name(),
          e.getMessage());
      throw new HostCallException(
          HostError.UNAVAILABLE, "the granted credential does not lead to a database");
    }
  }

  private static HostError error(GuestSql.Reason reason) {
    return switch (reason) {
      case STATEMENT -> HostError.BAD_REQUEST;
      case DENIED -> HostError.DENIED;
      case CONFLICT -> HostError.CONFLICT;
      case TIME -> HostError.TIMEOUT;
      case SIZE -> HostError.TOO_LARGE;
      case UNREACHABLE -> HostError.UNAVAILABLE;
    };
  }
}
