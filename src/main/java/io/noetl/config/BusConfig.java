package io.noetl.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The bus between the roles.
 *
 * @param url of the NATS servers, separated by commas; empty when none is configured
 * @param user with {@code password}, or empty
 * @param token instead of user and password, or empty
 * @param credentialsFile instead of user or token
 * @param natsServer the nats-server program that mode {@code all} may start; else looked for on
 *     PATH
 * @param consumer name of the durable consumer of a pool; empty: made from the pool's name
 * @param filterSubject subject that a pool pulls; empty: made from the pool's name
 * @param replicas copies of each stream in a cluster
 */
public record BusConfig(
    Mode mode,
    String url,
    String user,
    Secret password,
    Secret token,
    Optional<Path> credentialsFile,
    Optional<Path> natsServer,
    Duration connectTimeout,
    Duration requestTimeout,
    int replicas,
    Optional<String> consumer,
    Optional<String> filterSubject) {

  /** Which bus mode {@code all} uses; the other roles always need NATS. */
  public enum Mode {
    /** NATS when a URL is configured, else memory, which starts at once. */
    AUTO,
    NATS,
    /** In this process, which must then be mode {@code all}. */
    MEMORY
  }

  public BusConfig {
    long logins =
        Stream.of(!user.isEmpty(), !token.isEmpty(), credentialsFile.isPresent())
            .filter(given -> given)
            .count();
    new Checks("bus")
        .that(
            mode != Mode.MEMORY || url.isBlank(),
            "mode",
            "Expected bus.mode nats or auto when bus.url (NATS_URL) is set, but got memory")
        .that(
            Stream.of(url.split(",")).allMatch(BusConfig::natsUrl),
            "url",
            "Expected addresses such as nats://host:4222, separated by commas, but got '"
                + Texts.withoutUserInfo(url)
                + "'")
        .that(
            user.isEmpty() == password.isEmpty(),
            "user",
            "Expected bus.user and bus.password together, but only one is set")
        .that(
            logins <= 1,
            "token",
            "Expected one of bus.user, bus.token and bus.credentials-file, but got " + logins)
        .range("connect-timeout", connectTimeout, Duration.ofMillis(100), Duration.ofMinutes(1))
        .range("request-timeout", requestTimeout, Duration.ofMillis(100), Duration.ofMinutes(1))
        .range("replicas", replicas, 1, 5)
        .that(
            consumer.map(name -> name.matches("[A-Za-z0-9_-]{1,64}")).orElse(true),
            "consumer",
            "Expected 1 to 64 of A-Z a-z 0-9 _ -, but got '" + consumer.orElse("") + "'")
        .that(
            filterSubject.map(subject -> subject.startsWith("noetl.commands.")).orElse(true),
            "filter-subject",
            "Expected a subject below noetl.commands., but got '" + filterSubject.orElse("") + "'")
        .done();
  }

  static BusConfig from(Values values) {
    return new BusConfig(
        values.choice("mode", Mode.AUTO, Mode.class, "Which bus mode all uses"),
        values.text("url", "", "Addresses of NATS, such as nats://host:4222"),
        values.text("user", "", "User for NATS"),
        values.secret("password", "Password for NATS"),
        values.secret("token", "Token for NATS, instead of user and password"),
        values.optionalPath("credentials-file", "Credentials file for NATS, instead of both"),
        values.optionalPath("nats-server", "Program nats-server that mode all may start"),
        values.duration("connect-timeout", Duration.ofSeconds(5), "Longest wait for a connection"),
        values.duration("request-timeout", Duration.ofSeconds(5), "Longest wait for an answer"),
        values.integer("replicas", 1, "Copies of each stream in a NATS cluster"),
        values.optionalText("consumer", "Durable consumer of a pool; empty: from the pool's name"),
        values.optionalText("filter-subject", "Subject a pool pulls; empty: from its name"));
  }

  /** The values that hold when nothing is set. */
  public static BusConfig defaults() {
    return from(Values.defaults("bus"));
  }

  /** Whether a NATS server is configured. */
  public boolean configured() {
    return !url.isBlank();
  }

  private static boolean natsUrl(String text) {
    return text.isBlank() || text.strip().matches("(nats|tls|ws|wss)://\\S+|[\\w.-]+:\\d+");
  }
}
