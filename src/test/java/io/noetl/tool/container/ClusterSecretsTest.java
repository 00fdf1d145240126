package io.noetl.tool.container;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import io.noetl.language.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Rule("16.3")
class ClusterSecretsTest {
  @TempDir Path temp;
  private KubernetesMockServer server;
  private ClusterSecrets secrets;

  @BeforeEach
  void start() throws Exception {
    Map<ServerRequest, Queue<ServerResponse>> responses = new HashMap<>();
    server =
        new KubernetesMockServer(
            new Context(),
            new MockWebServer(),
            responses,
            new KubernetesMixedDispatcher(responses),
            false);
    server.init();
    Path file =
        Files.writeString(
            temp.resolve("kubeconfig"),
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: "%s"}}]
            users: [{name: u, user: {token: t}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            current-context: x
            """
                .formatted(server.url("/")));
    secrets = new ClusterSecrets(Optional.of(new ClusterAccess.Kubeconfig(file, Optional.empty())));
  }

  @AfterEach
  void stop() {
    secrets.close();
    server.destroy();
  }

  @Test
  void readsTheMembersOfASecret() throws Exception {
    try (KubernetesClient cluster =
        server.createClient(
            builder ->
                builder
                    .withHttpClientFactory(new JdkHttpClientFactory())
                    .editOrNewConfig()
                    .withHttp2Disable(true)
                    .endConfig())) {
      cluster
          .secrets()
          .inNamespace("shop")
          .resource(
              new SecretBuilder()
                  .withNewMetadata()
                  .withName("db")
                  .withNamespace("shop")
                  .endMetadata()
                  .addToData("password", encoded("planted"))
                  .addToData("user", encoded("app"))
                  .build())
          .create();
    }

    ClusterSecrets.Read read = secrets.read("shop", "db");

    assertThat(read)
        .isEqualTo(new ClusterSecrets.Found(Map.of("password", "planted", "user", "app")));
    assertThat(read.toString()).doesNotContain("planted");
    assertThat(secrets.read("other", "db"))
        .isEqualTo(new ClusterSecrets.Refused("the cluster has no secret 'other/db'"));
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  @Test
  void saysWhatTheClusterSaid() throws Exception {
    server
        .expect()
        .get()
        .withPath("/api/v1/namespaces/shop/secrets/db")
        .andReturn(
            403,
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"no"
                + " rights\",\"code\":403}")
        .always();

    assertThat(secrets.read("shop", "db"))
        .isEqualTo(
            new ClusterSecrets.Refused("the cluster did not give secret 'shop/db': no rights"));
  }

  @Test
  void saysThatThereIsNoCluster() throws Exception {
    try (ClusterSecrets none = new ClusterSecrets(Optional.empty())) {
      assertThat(none.read("a", "b"))
          .isEqualTo(new ClusterSecrets.Refused("this worker has no cluster (kubernetes.access)"));
    }
  }
}
