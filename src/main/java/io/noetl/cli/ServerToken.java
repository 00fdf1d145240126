package io.noetl.cli;

import io.noetl.api.Access;
import io.noetl.config.ConfigLoader;
import java.net.http.HttpRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who the command line is, for a server with {@code auth.mode} token. */
final class ServerToken {
  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description =
          "Says who you are, for a server with auth.mode token. Better in the environment, as"
              + " NOETL_TOKEN.")
  private @Nullable String token;

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "Whom to act for, with a token of every tenant. Default: default.")
  private @Nullable String tenant;

  /**
   * What is shown with each request.
   *
   * @param token empty for none
   * @param tenant null for none
   */
  record Shown(String token, @Nullable String tenant) {
    static final Shown NOTHING = new Shown("", null);

    HttpRequest.Builder in(HttpRequest.Builder request) {
      if (!token.isEmpty()) {
        request.setHeader("Authorization", "Bearer " + token);
      }
      return tenant == null ? request : request.setHeader(Access.TENANT_HEADER, tenant);
    }
  }

  Shown shown() {
    String given = token;
    if (given == null) {
      given = ConfigLoader.environment().getOrDefault(ConfigLoader.TOKEN_VARIABLE, "");
    }
    if (given.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new UserError(
          "Expected a token of visible characters (--token, NOETL_TOKEN), but it has others");
    }
    if (tenant != null && !Access.TENANT.matcher(tenant).matches()) {
      throw new UserError("Expected --tenant of 1 to 64 of A-Z a-z 0-9 _ -, but got " + tenant);
    }
    return new Shown(given, tenant);
  }
}
