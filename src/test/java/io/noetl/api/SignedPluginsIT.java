package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.cli.CliRun;
import io.noetl.mode.Admission;
import io.noetl.postgres.Database;
import io.noetl.signature.ModuleSignature;
import io.noetl.signature.SignaturePolicy;
import io.noetl.signature.SigningKeys;
import io.noetl.signature.TestKeys;
import io.noetl.testing.TestPostgres;
import io.noetl.wasm.PluginLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Modules of the system are signed, by the API and by the author's commands. */
class SignedPluginsIT {
  private static final String TOKEN = "a-long-enough-token";
  private static final String INTERNAL = "/api/internal/plugins/system/";
  private static final TestKeys OURS = TestKeys.fresh();
  private static final TestKeys OTHERS = TestKeys.fresh();

  @TempDir private static Path folder;
  private static Database database;
  private static ServerParts server;
  private static ServerParts demanding;
  private static byte[] module;

  @BeforeAll
  static void start() throws Exception {
    database = TestPostgres.open();
    server = server(1, Set.of());
    demanding = server(2, Set.of("default"));
    module = Files.readAllBytes(Path.of("wasm-plugins/upper/upper.wasm"));
    Files.write(folder.resolve("upper.wasm"), module);
    Files.writeString(folder.resolve("ours.pem"), OURS.privatePem());
    Files.writeString(folder.resolve("others.pem"), OTHERS.privatePem());
  }

  private static ServerParts server(int machine, Set<String> tenants) {
    return new ServerParts(
        database,
        machine,
        ServerParts.config(ApiLimits.DEFAULT),
        new OpenAccess(TOKEN, true),
        Admission.of(PluginLimits.defaults(4, 1L << 30)),
        new SignaturePolicy(SigningKeys.publicKeys(OURS.publicPem()), false, tenants));
  }

  @AfterAll
  static void stop() {
    demanding.close();
    server.close();
    database.close();
  }

  private static String signature(TestKeys keys) {
    return ModuleSignature.of(module, SigningKeys.privateKey(keys.privatePem()));
  }

  private static Client.Answer post(ServerParts to, String path, byte[] bytes, String... more) {
    List<String> headers = new java.util.ArrayList<>(List.of(more));
    headers.addAll(List.of("Content-Type", "application/wasm", "Authorization", "Bearer " + TOKEN));
    return to.client().send("POST", path, bytes, headers.toArray(String[]::new));
  }

  @Test
  void aModuleOfTheSystemIsTakenWithASignatureOfAConfiguredKeyOnly() {
    byte[] altered = java.util.Arrays.copyOf(module, module.length + 3);
    altered[module.length + 1] = 1; // an empty custom section

    Client.Answer unsigned = post(server, INTERNAL + "a", module);
    Client.Answer wrong =
        post(server, INTERNAL + "a", module, ModuleSignature.HEADER, signature(OTHERS));
    Client.Answer other =
        post(server, INTERNAL + "a", altered, ModuleSignature.HEADER, signature(OURS));
    Client.Answer public_ =
        post(server, "/api/plugins/system/a", module, ModuleSignature.HEADER, signature(OURS));
    Client.Answer right =
        post(server, INTERNAL + "a", module, ModuleSignature.HEADER, signature(OURS));

    for (Client.Answer refused : List.of(unsigned, wrong, other)) {
      assertThat(refused.status()).as(refused.text()).isEqualTo(403);
      assertThat(refused.text("code")).isEqualTo("plugin_signature");
    }
    assertThat(unsigned.text("error")).contains("system/a", "plugin.unsigned-system");
    assertThat(wrong.text("error")).contains("one of the 1 keys in plugin.signers");
    assertThat(public_.text("code")).isEqualTo("forbidden");
    assertThat(right.status()).as(right.text()).isEqualTo(201);
    String signer = SigningKeys.id(SigningKeys.publicKeys(OURS.publicPem()).getFirst());
    assertThat(right.text("signed_by")).isEqualTo(signer);
    assertThat(server.client().get("/api/plugins/system/a").ok().text("signed_by"))
        .isEqualTo(signer);
  }

  @Test
  void aTenantMayTakeNoModuleWithoutASignature() {
    assertThat(post(server, "/api/plugins/acme/unsigned", module).status()).isEqualTo(201);
    assertThat(post(demanding, "/api/plugins/acme/x", module).text("code"))
        .isEqualTo("plugin_signature");
    assertThat(
            post(demanding, "/api/plugins/acme/x", module, ModuleSignature.HEADER, signature(OURS))
                .status())
        .isEqualTo(201);
  }

  private static CliRun push(String path, String... more) {
    List<String> arguments =
        new java.util.ArrayList<>(
            List.of(
                "plugin",
                "push",
                path,
                folder.toString(),
                "--server",
                server.url(),
                "-D",
                "auth.internal-token=" + TOKEN));
    arguments.addAll(List.of(more));
    return CliRun.of(arguments);
  }

  @Test
  void theAuthorSignsAndPushesToTheInternalRoute() throws Exception {
    CliRun unsigned = push("system/pushed");
    CliRun wrong = push("system/pushed", "--key", folder.resolve("others.pem").toString());
    CliRun noKey = push("system/pushed", "--key", folder.resolve("upper.wasm").toString());
    CliRun right = push("system/pushed", "--key", folder.resolve("ours.pem").toString());
    CliRun sign =
        CliRun.of(
            List.of(
                "plugin",
                "sign",
                folder.toString(),
                "--key",
                folder.resolve("ours.pem").toString()));
    CliRun beside = push("system/beside");
    Files.delete(folder.resolve("upper.wasm.sig"));

    assertThat(unsigned.exit()).isNotZero();
    assertThat(unsigned.err()).contains("Expected a signature of module system/pushed");
    assertThat(wrong.err()).contains("plugin.signers");
    assertThat(noKey.err()).contains("Expected a private key in");
    assertThat(right.exit()).as(right.err()).isZero();
    assertThat(right.out()).contains("system/pushed version 1", "signed by key ");
    assertThat(sign.out()).contains("upper.wasm.sig is made");
    assertThat(beside.exit()).as(beside.err()).isZero();
    assertThat(beside.out()).contains("signed by key ");
  }
}
