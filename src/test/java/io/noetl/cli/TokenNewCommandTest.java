package io.noetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

final class TokenNewCommandTest {
  @Test
  void theEntrySaysWhoTheHolderIsAndHoldsNoSecret() {
    CliRun run =
        CliRun.of(
            List.of(
                "token",
                "new",
                "--subject",
                "ada",
                "--tenant",
                "acme",
                "--role",
                "user",
                "--group",
                "analysts",
                "--group",
                "on-call"));

    assertThat(run.exit()).isEqualTo(Exit.OK);
    String secret = run.out().strip();
    assertThat(secret).matches("noetl_[A-Za-z0-9_-]{43}");
    String entry = run.err().substring(run.err().indexOf('{'));
    assertThat(entry).doesNotContain(secret);
    assertThat(Json.parseObject(entry))
        .containsEntry("subject", "ada")
        .containsEntry("tenant", "acme")
        .containsEntry("roles", List.of("user"))
        .hasEntrySatisfying(
            "groups",
            groups ->
                assertThat(groups)
                    .asInstanceOf(InstanceOfAssertFactories.LIST)
                    .containsExactlyInAnyOrder("analysts", "on-call"));
  }

  @Test
  void refusesARoleThatThereIsNot() {
    CliRun run = CliRun.of(List.of("token", "new", "--subject", "ada", "--role", "king"));

    assertThat(run.exit()).isEqualTo(Exit.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("king");
  }
}
