package io.noetl.cli;

import io.noetl.api.Token;
import io.noetl.api.Tokens;
import io.noetl.json.Json;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code noetl token new}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Makes a token. It is shown once, on stdout; what follows on stderr is its entry for the"
          + " server's",
      "auth.tokens-file, which holds only its SHA-256. A server reads the file again when it"
          + " changes."
    },
    footer = {
      "",
      "Examples:",
      "  noetl token new --subject ada --tenant acme --role user --days 90",
      "  noetl token new --subject ada --tenant acme --role user --group analysts",
      "  noetl token new --subject workers --tenant '*' --role worker"
    })
final class TokenNewCommand implements Callable<Integer> {
  private static final int BYTES = 32;

  private final Cli cli;
  private final InstantSource clock = InstantSource.system();

  @Option(
      names = "--subject",
      paramLabel = "NAME",
      required = true,
      description = "Who holds it; stands in records of what was done.")
  private @Nullable String subject;

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      defaultValue = "default",
      description = "Whose data it opens; '*': of every tenant. Default: default.")
  private @Nullable String tenant;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      required = true,
      description = "user, worker or operator. May be repeated.")
  private List<String> roles = List.of();

  @Option(
      names = "--group",
      paramLabel = "NAME",
      description = "A group that a mapping of roles may know the holder by. May be repeated.")
  private List<String> groups = List.of();

  @Option(names = "--days", paramLabel = "N", description = "How long it is good. Default: ever.")
  private @Nullable Integer days;

  TokenNewCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    EnumSet<Token.Role> wanted = EnumSet.noneOf(Token.Role.class);
    Token about;
    try {
      roles.forEach(role -> wanted.add(Tokens.role(role)));
      about =
          new Token(
              Options.given(subject), Options.given(tenant), wanted, Set.copyOf(groups), expires());
    } catch (IllegalArgumentException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    String secret = "noetl_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    cli.out().println(secret);
    cli.err().println("Shown once. For the list \"tokens\" of auth.tokens-file:");
    cli.err().println(Json.text(Tokens.entry(secret, about)));
    return Exit.OK;
  }

  private @Nullable Instant expires() {
    if (days == null) {
      return null;
    }
    if (days < 1 || days > 36_500) {
      throw new IllegalArgumentException("Expected --days from 1 to 36500, but got " + days);
    }
    return clock.instant().plus(Duration.ofDays(days)).truncatedTo(ChronoUnit.SECONDS);
  }
}
