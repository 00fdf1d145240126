package io.noetl.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.noetl.config.ConfigLoader;
import io.noetl.config.Entry;
import io.noetl.mode.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the chart renders. */
class ChartTest {
  private static final String SECRET = "a-secret-of-this-test";

  static List<Chart> charts() {
    return List.of(
        Chart.LEAST,
        Chart.of(Chart.EXAMPLES.resolve("small.yaml")),
        Chart.of(Chart.EXAMPLES.resolve("production.yaml")),
        Chart.LEAST
            .with("nats.login", "user")
            .with("nats.user", "noetl")
            .with("nats.existingSecret", "nats")
            .with("keys.existingSecret", "keys")
            .with("keys.otherKeys", true));
  }

  /** The workload of a role; whoever adds a mode says here what the chart makes of it. */
  private static Optional<String> kind(Mode mode) {
    return switch (mode) {
      case SERVER, PUBLISHER, WORKER, SYSTEM_POOL -> Optional.of("Deployment");
      // Its name tells the shard.
      case PROJECTOR -> Optional.of("StatefulSet");
      // For one machine.
      case ALL -> Optional.empty();
    };
  }

  @ParameterizedTest
  @MethodSource("charts")
  void everyRoleHasOneWorkload(Chart chart) {
    Rendered rendered = chart.render();

    for (Mode mode : Mode.values()) {
      List<String> kinds =
          rendered.objects().stream()
              .filter(
                  object -> {
                    PodSpec pod = rendered.pods().get(object.getMetadata().getName());
                    return pod != null
                        && Stream.of("Deployment", "StatefulSet").anyMatch(object.getKind()::equals)
                        && Rendered.container(pod)
                            .getArgs()
                            .equals(List.of("--mode=" + mode.word()));
                  })
              .map(HasMetadata::getKind)
              .toList();
      assertThat(kinds).as(mode.word()).isEqualTo(kind(mode).stream().toList());
    }
    assertThat(Rendered.container(rendered.pod("noetl-migrate")).getArgs())
        .containsExactly("migrate");
  }

  @ParameterizedTest
  @MethodSource("charts")
  void kubernetesKnowsEveryField(Chart chart) throws Exception {
    for (HasMetadata object : chart.render().objects()) {
      assertThat(UnknownFields.of(object)).as(object.getMetadata().getName()).isEmpty();
    }
  }

  /** The document parses, but a field is misspelt: the check above would see it. */
  @Test
  void aMisspeltFieldIsFound() throws Exception {
    Rendered rendered =
        Rendered.of(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d}
            spec: {template: {spec: {containers: [{name: c, readynessProbe: {}}]}}}
            """);

    assertThat(UnknownFields.of(rendered.objects().getFirst()))
        .containsExactly("Deployment.Spec.Template.Spec.Containers[].readynessProbe");
  }

  @ParameterizedTest
  @MethodSource("charts")
  void theProgramTakesEveryEnvironment(Chart chart) {
    Rendered rendered = chart.render();
    Map<String, Entry> byVariable =
        ConfigLoader.reference().stream()
            .collect(Collectors.toMap(Entry::environmentName, entry -> entry));

    for (String name : rendered.pods().keySet()) {
      Map<String, String> flags = new LinkedHashMap<>();
      rendered
          .environment(name, ChartTest::secret)
          .forEach(
              (variable, value) -> {
                if (variable.startsWith("NOETL_")) {
                  assertThat(byVariable).as(name).containsKey(variable);
                  flags.put(byVariable.get(variable).key(), value);
                }
              });
      assertThat(ConfigLoader.load(Optional.empty(), flags)).as(name).isNotNull();
    }
  }

  static String secret(String name, String key) {
    return key.startsWith("credentials-") ? "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" : SECRET;
  }

  /** What is a secret comes from one, and nothing else does. */
  @ParameterizedTest
  @MethodSource("charts")
  void secretsAreInSecretsOnly(Chart chart) {
    Rendered rendered = chart.render();
    Set<String> secrets = secretVariables();

    assertThat(rendered.secretVariables()).isNotEmpty().allMatch(secrets::contains);
    for (PodSpec pod : rendered.pods().values()) {
      assertThat(Rendered.container(pod).getEnv())
          .filteredOn(variable -> secrets.contains(variable.getName()))
          .allMatch(variable -> variable.getValue() == null);
    }
    for (ConfigMap map : rendered.all(ConfigMap.class)) {
      assertThat(map.getData().keySet()).doesNotContainAnyElementsOf(secrets);
    }
  }

  static Set<String> secretVariables() {
    return ConfigLoader.reference().stream()
        .filter(entry -> entry.type().equals("secret"))
        .map(Entry::environmentName)
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @MethodSource("charts")
  void probesAskThePortOnWhichTheRoleListens(Chart chart) {
    Rendered rendered = chart.with("ports.api", 18082).with("ports.metrics", 19090).render();

    for (String name : rendered.pods().keySet()) {
      if (name.equals("noetl-migrate")) {
        continue;
      }
      Container container = Rendered.container(rendered.pod(name));
      ContainerPort port = container.getPorts().getFirst();
      boolean server = name.equals("noetl-server");
      Map<String, String> environment = rendered.environment(name, ChartTest::secret);
      String prefix = server ? "NOETL_SERVER" : "NOETL_METRICS";
      assertThat(environment)
          .containsEntry(prefix + "_PORT", port.getContainerPort().toString())
          .containsEntry(prefix + "_HOST", "0.0.0.0");
      assertThat(path(container.getStartupProbe(), port)).isEqualTo("/livez");
      assertThat(path(container.getLivenessProbe(), port)).isEqualTo("/livez");
      assertThat(path(container.getReadinessProbe(), port)).isEqualTo("/readyz");
    }
  }

  private static String path(Probe probe, ContainerPort port) {
    assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo(port.getName());
    return probe.getHttpGet().getPath();
  }

  /** SIGKILL must not come before the drain is over. */
  @Test
  void thePodMayTakeLongerThanTheDrain() {
    Rendered rendered =
        Chart.LEAST
            .with("server.drainSeconds", 100)
            .with("worker.drainSeconds", 200)
            .with("systemPool.drainSeconds", 300)
            .render();

    assertThat(rendered.environment("noetl-server", ChartTest::secret))
        .containsEntry("NOETL_SHUTDOWN_DRAIN", "100s");
    assertThat(rendered.pod("noetl-server").getTerminationGracePeriodSeconds()).isEqualTo(125);
    assertThat(rendered.environment("noetl-worker", ChartTest::secret))
        .containsEntry("NOETL_WORKER_DRAIN", "200s");
    assertThat(rendered.pod("noetl-worker").getTerminationGracePeriodSeconds()).isEqualTo(230);
    assertThat(rendered.environment("noetl-system-pool", ChartTest::secret))
        .containsEntry("NOETL_SYSTEM_POOL_DRAIN", "300s");
    assertThat(rendered.pod("noetl-system-pool").getTerminationGracePeriodSeconds()).isEqualTo(330);
  }

  /** The user, the folders and the command line of the image are those that the chart goes by. */
  @ParameterizedTest
  @MethodSource("charts")
  void theImageFits(Chart chart) throws IOException {
    String image = Files.readString(Path.of("Dockerfile"));

    for (PodSpec pod : chart.render().pods().values()) {
      Container container = Rendered.container(pod);
      String user = pod.getSecurityContext().getRunAsUser().toString();
      assertThat(image).contains("useradd --uid " + user + " ", "\nUSER " + user + "\n");
      assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
      assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
      assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
      assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
      // Nothing but arguments: program and options of the JVM are the image's.
      assertThat(container.getCommand()).isEmpty();
      assertThat(image).contains("\"-jar\", \"/app/noetl.jar\"]\nCMD [\"--mode=all\"]");
      assertThat(image).contains("\nWORKDIR /data\n");
      assertThat(emptyFolders(pod)).contains("/data", "/tmp");
    }
  }

  private static Set<String> emptyFolders(PodSpec pod) {
    Set<String> empty =
        pod.getVolumes().stream()
            .filter(volume -> volume.getEmptyDir() != null)
            .map(Volume::getName)
            .collect(Collectors.toSet());
    return Rendered.container(pod).getVolumeMounts().stream()
        .filter(mount -> empty.contains(mount.getName()))
        .map(VolumeMount::getMountPath)
        .collect(Collectors.toSet());
  }

  @Test
  void onlyRolesThatUseTheDatabaseReachItAndItsPassword() {
    Rendered rendered = Chart.of(Chart.EXAMPLES.resolve("production.yaml")).render();
    Map<String, Set<Integer>> ports = new HashMap<>();
    for (NetworkPolicy policy : rendered.all(NetworkPolicy.class)) {
      Set<Integer> own = new TreeSet<>();
      for (NetworkPolicyEgressRule rule : policy.getSpec().getEgress()) {
        rule.getPorts().forEach(port -> own.add(port.getPort().getIntVal()));
      }
      ports.put(policy.getMetadata().getName(), own);
    }

    assertThat(ports)
        .isEqualTo(
            Map.of(
                "noetl-server", Set.of(53, 5432),
                "noetl-publisher", Set.of(53, 5432, 4222),
                "noetl-projector", Set.of(53, 5432, 4222),
                "noetl-worker", Set.of(53, 4222, 8082),
                "noetl-system-pool", Set.of(53, 4222, 8082),
                "noetl-migrate", Set.of(53, 5432)));
    for (String name : List.of("noetl-worker", "noetl-system-pool")) {
      assertThat(rendered.environment(name, ChartTest::secret).keySet())
          .noneMatch(variable -> variable.startsWith("NOETL_DATABASE_PASSWORD"))
          .noneMatch(variable -> variable.startsWith("NOETL_CREDENTIALS"));
    }
  }

  @Test
  void onlyWorkersThatStartJobsHaveAKeyToTheCluster() {
    Rendered rendered = Chart.of(Chart.EXAMPLES.resolve("production.yaml")).render();

    rendered
        .pods()
        .forEach(
            (name, pod) ->
                assertThat(pod.getAutomountServiceAccountToken())
                    .as(name)
                    .isEqualTo(name.equals("noetl-worker")));
    assertThat(rendered.all(Role.class))
        .extracting(role -> role.getMetadata().getNamespace())
        .containsExactly("noetl-jobs");
    assertThat(rendered.all(Role.class).getFirst().getRules())
        .filteredOn(rule -> rule.getResources().contains("secrets"))
        .singleElement()
        .satisfies(rule -> assertThat(rule.getResourceNames()).containsExactly("warehouse"))
        .satisfies(rule -> assertThat(rule.getVerbs()).containsExactly("get"));
    assertThat(Chart.LEAST.render().all(Role.class)).isEmpty();
    assertThat(Chart.LEAST.render().pod("noetl-worker").getAutomountServiceAccountToken())
        .isFalse();
  }

  @Test
  void anAutoscaledRoleHasNoNumberOfItsOwn() {
    Rendered rendered = Chart.of(Chart.EXAMPLES.resolve("production.yaml")).render();

    assertThat(rendered.one(Deployment.class, "noetl-server").getSpec().getReplicas()).isNull();
    assertThat(rendered.one(Deployment.class, "noetl-publisher").getSpec().getReplicas())
        .isEqualTo(2);
    assertThat(rendered.environment("noetl-projector", ChartTest::secret))
        .containsEntry("NOETL_PROJECTOR_SHARD_COUNT", "2")
        .containsEntry("NOETL_PROJECTOR_SHARD_ID", "noetl-projector-0");
  }

  /**
   * What Helm does before it touches the roles; the other tests see it as objects like the rest.
   */
  @Test
  void keysAndSchemaComeFirst() throws IOException {
    for (String name : Chart.HOOKS) {
      assertThat(Files.readString(Chart.FOLDER.resolve("templates").resolve(name)))
          .as(name)
          .contains("    helm.sh/hook: pre-install");
    }
    assertThat(Files.readString(Chart.FOLDER.resolve("templates/migrate.yaml")))
        .contains("helm.sh/hook: pre-install,pre-upgrade\n");
    // Never by an upgrade, and never in the place of one that is there.
    assertThat(Files.readString(Chart.FOLDER.resolve("templates/keys.yaml")))
        .contains("helm.sh/hook: pre-install\n", "helm.sh/hook-delete-policy: hook-failed\n");
  }

  @Test
  void keysAreMadeWhereNoneAreGiven() {
    Map<String, String> keys = Chart.LEAST.render().one(Secret.class, "noetl-keys").getData();

    assertThat(keys).containsOnlyKeys("credentials-key", "internal-token");
    assertThat(Chart.LEAST.with("keys.existingSecret", "mine").render().all(Secret.class))
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("charts")
  void theNotesSayWhatToDoNext(Chart chart) {
    assertThat(chart.notes())
        .contains("rollout status deployment/noetl-server")
        .contains("port-forward service/noetl-server 8082:8082")
        .contains("noetl run docs/examples/hello.yaml --server http://127.0.0.1:8082")
        .doesNotContain("{{", "<no value>");
  }
}
