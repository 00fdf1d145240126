package io.noetl.cli;

import io.noetl.config.AuthConfig;
import io.noetl.policy.compiled.Compilations;
import io.noetl.policy.compiled.Part;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
      "system/retention and system/doctor, and system/rbac and system/auth of tenant noetl-system,",
      "which compile policies. Doing it again changes nothing that is up to date."
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
  /** What comes with the build. */
  private static final List<Bundled> PLUGINS =
      List.of(
          new Bundled("retention", List.of("retention.purge", "outbox.pending"), false),
          new Bundled("doctor", List.of("doctor.stuck", "doctor.repair"), false),
          new Bundled(Part.RBAC.word(), List.of(), true),
          new Bundled(Part.AUTH.word(), List.of(), true));

  /**
   * A playbook and the plug-in that it runs.
   *
   * @param functions that the plug-in may call
   * @param compiles whether it compiles policies, and so is the installation's own
   */
  private record Bundled(String name, List<String> functions, boolean compiles) {}

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

  @Override
  public Integer call() {
    AuthConfig auth = Options.given(config).load(Map.of()).config().auth();
    ServerToken.Shown shown = Options.given(token).shown();
    String internal = auth.internalToken().reveal();
    ApiClient client = new ApiClient(server, shown, internal);
    ApiClient own =
        new ApiClient(server, new ServerToken.Shown(shown.token(), Compilations.TENANT), internal);
    SigningKey signer = key == null ? null : SigningKey.of(key);
    boolean open = client.authMode().equals("off");
    for (Bundled bundled : PLUGINS) {
      if (!bundled.compiles()) {
        install(client, signer, bundled);
      } else if (open) {
        cli.out()
            .println("system/" + bundled.name() + " is left out: policies want auth.mode token");
      } else {
        install(own, signer, bundled);
      }
    }
    cli.out().flush();
    return Exit.OK;
  }

  private void install(ApiClient client, @Nullable SigningKey signer, Bundled bundled) {
    String name = bundled.name();
    String plugin = "system/plugins/" + name;
    if (!bundled.functions().isEmpty()) {
      client.grant(plugin, Map.of("host_system_call", Map.of("names", bundled.functions())));
    }
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

  /** The module of a plug-in that comes with the build. */
  static byte[] module(String name) {
    return resource(name + "/" + name + ".wasm");
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
