package io.noetl.cli;

import io.noetl.config.AuthConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code noetl plugin install-system}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Registers the system playbooks that come with this build, and the plug-ins they run:",
      "system/retention and system/doctor. Doing it again changes nothing that is up to date."
    },
    footer = {
      "",
      "Needs the server's internal token (auth.internal-token), or with auth.mode token a --token"
          + " of",
      "an operator of every tenant. docs/plugins/system.md says what each playbook does.",
      "",
      "Exit code: 0 registered, 2 refused, or no server."
    })
final class PluginInstallSystemCommand implements Callable<Integer> {
  /** What comes with the build: name, and the system functions that its plug-in may call. */
  private static final Map<String, List<String>> PLUGINS = plugins();

  private final Cli cli;

  @Option(names = "--server", paramLabel = "URL", description = "Default: http://127.0.0.1:8082.")
  private URI server = URI.create("http://127.0.0.1:8082");

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = {
        "Signs the plug-ins with this Ed25519 private key (PEM). Needed where the server has its",
        "public key in plugin.signers and does not permit plugin.unsigned-system."
      })
  private @Nullable Path key;

  @Mixin private @Nullable ServerToken token;
  @Mixin private @Nullable ConfigOptions config;

  PluginInstallSystemCommand(Cli cli) {
    this.cli = cli;
  }

  private static Map<String, List<String>> plugins() {
    Map<String, List<String>> plugins = new LinkedHashMap<>();
    plugins.put("retention", List.of("retention.purge", "outbox.pending"));
    plugins.put("doctor", List.of("doctor.stuck", "doctor.repair"));
    return plugins;
  }

  @Override
  public Integer call() {
    AuthConfig auth = Options.given(config).load(Map.of()).config().auth();
    ApiClient client =
        new ApiClient(server, Options.given(token).shown(), auth.internalToken().reveal());
    SigningKey signer = key == null ? null : SigningKey.of(key);
    PLUGINS.forEach((name, functions) -> install(client, signer, name, functions));
    cli.out().flush();
    return Exit.OK;
  }

  private void install(
      ApiClient client, @Nullable SigningKey signer, String name, List<String> functions) {
    String plugin = "system/plugins/" + name;
    client.grant(plugin, Map.of("host_system_call", Map.of("names", functions)));
    byte[] bytes = resource(name + "/" + name + ".wasm");
    Map<String, @Nullable Object> module =
        client.registerSystemPlugin(plugin, bytes, signer == null ? null : signer.signature(bytes));
    cli.out()
        .println(
            plugin
                + " version "
                + module.get("version")
                + (module.get("signed_by") == null
                    ? ""
                    : ", signed by key " + module.get("signed_by")));
    String playbook = "system/" + name;
    String text = new String(resource(name + "/playbook.yaml"), StandardCharsets.UTF_8);
    if (text.equals(client.playbook(playbook))) {
      cli.out().println(playbook + " is up to date");
    } else {
      cli.out().println(playbook + " version " + client.register(text).version());
    }
  }

  private static byte[] resource(String name) {
    String path = "/system-plugins/" + name;
    try (InputStream in = PluginInstallSystemCommand.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("Expected " + path + " in the jar, but it is not there");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException("Expected to read " + path + " of the jar", e);
    }
  }
}
