package io.noetl.chart;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;

/** What the chart has made, as the objects of Kubernetes' own schema. */
record Rendered(List<HasMetadata> objects) {
  private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

  Rendered {
    objects = List.copyOf(objects);
  }

  static Rendered of(String... documents) {
    List<HasMetadata> objects = new ArrayList<>();
    for (String document : String.join("\n---\n", documents).split("(?m)^---\\s*$")) {
      if (document.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("#"))) {
        objects.add(SERIALIZATION.unmarshal(document));
      }
    }
    return new Rendered(objects);
  }

  <T extends HasMetadata> List<T> all(Class<T> type) {
    return objects.stream().filter(type::isInstance).map(type::cast).toList();
  }

  <T extends HasMetadata> T one(Class<T> type, String name) {
    return all(type).stream()
        .filter(object -> object.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " " + name));
  }

  /** Of everything that makes pods, by its name. */
  Map<String, PodSpec> pods() {
    Map<String, PodSpec> pods = new LinkedHashMap<>();
    for (HasMetadata object : objects) {
      pod(object).ifPresent(pod -> pods.put(object.getMetadata().getName(), pod));
    }
    return pods;
  }

  private static Optional<PodSpec> pod(HasMetadata object) {
    return switch (object) {
      case Deployment deployment -> Optional.of(deployment.getSpec().getTemplate().getSpec());
      case StatefulSet set -> Optional.of(set.getSpec().getTemplate().getSpec());
      case Job job -> Optional.of(job.getSpec().getTemplate().getSpec());
      default -> Optional.empty();
    };
  }

  PodSpec pod(String name) {
    return Optional.ofNullable(pods().get(name))
        .orElseThrow(() -> new AssertionError("no pods of " + name));
  }

  static Container container(PodSpec pod) {
    return pod.getContainers().getFirst();
  }

  /**
   * The environment of the first pod of this name, as Kubernetes would make it.
   *
   * @param secrets from the name of a Secret and a key to the value
   */
  Map<String, String> environment(String name, BinaryOperator<String> secrets) {
    Map<String, String> environment = new LinkedHashMap<>();
    Container container = container(pod(name));
    container
        .getEnvFrom()
        .forEach(
            from ->
                environment.putAll(
                    one(ConfigMap.class, from.getConfigMapRef().getName()).getData()));
    for (EnvVar variable : container.getEnv()) {
      environment.put(variable.getName(), value(variable, name + "-0", secrets));
    }
    return environment;
  }

  private static String value(EnvVar variable, String podName, BinaryOperator<String> secrets) {
    var from = variable.getValueFrom();
    if (from == null) {
      return variable.getValue();
    }
    if (from.getSecretKeyRef() != null) {
      return secrets.apply(from.getSecretKeyRef().getName(), from.getSecretKeyRef().getKey());
    }
    if (!"metadata.name".equals(from.getFieldRef().getFieldPath())) {
      throw new AssertionError("what is " + from + "?");
    }
    return podName;
  }

  /** Names of variables of all pods that come from Secrets. */
  List<String> secretVariables() {
    return pods().values().stream()
        .flatMap(pod -> container(pod).getEnv().stream())
        .filter(env -> env.getValueFrom() != null && env.getValueFrom().getSecretKeyRef() != null)
        .map(EnvVar::getName)
        .distinct()
        .toList();
  }

  /** Names of all variables of all pods. */
  Stream<String> variables() {
    return pods().keySet().stream()
        .flatMap(name -> environment(name, (_, _) -> "").keySet().stream())
        .distinct();
  }
}
