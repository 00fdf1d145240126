package io.noetl.tool.container;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobList;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.ScalableResource;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.noetl.json.Json;
import io.noetl.tool.process.CallOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A Kubernetes cluster, through its API. */
final class KubernetesCluster implements Cluster {
  private static final System.Logger LOG = System.getLogger(KubernetesCluster.class.getName());

  private static final String ADDRESS_INSIDE = "https://kubernetes.default.svc";
  private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
  private static final int REQUEST_MILLIS = 10_000;
  private static final int REPETITIONS = 3;
  private static final int FORBIDDEN = 403;
  private static final int CONFLICT = 409;

  /** Jobs that one command may start one after the other with the same fields. */
  private static final int MOST_JOBS = 1_000;

  private final KubernetesClient client;

  private KubernetesCluster(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Makes a client; does not yet connect.
   *
   * @throws ClusterException when what tells how to connect cannot be used
   */
  static KubernetesCluster open(ClusterAccess access) throws ClusterException {
    try {
      Config told =
          switch (access) {
            case ClusterAccess.InCluster _ -> inside();
            case ClusterAccess.Kubeconfig file ->
                Config.fromKubeconfig(file.context().orElse(null), file.file().toFile());
          };
      Config config =
          new ConfigBuilder(told)
              // Without TLS an upgrade would have to be asked for, which confuses servers.
              .withHttp2Disable(told.getMasterUrl().startsWith("http://"))
              .withConnectionTimeout(REQUEST_MILLIS)
              .withRequestTimeout(REQUEST_MILLIS)
              // Longer patience is the caller's, who can be interrupted in between.
              .withRequestRetryBackoffLimit(REPETITIONS)
              .build();
      return new KubernetesCluster(
          new KubernetesClientBuilder()
              .withConfig(config)
              .withHttpClientFactory(new JdkHttpClientFactory())
              .build());
    } catch (RuntimeException e) {
      throw new ClusterException(
          "the access to it (kubernetes.access) cannot be used: " + e.getMessage(), 400, e);
    }
  }

  private static Config inside() {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl(ADDRESS_INSIDE)
        .withCaCertFile(ACCOUNT.resolve("ca.crt").toString())
        // Read anew each time: the cluster replaces it from time to time.
        .withOauthTokenProvider(KubernetesCluster::token)
        .build();
  }

  private static String token() {
    try {
      return Files.readString(ACCOUNT.resolve("token")).strip();
    } catch (IOException e) {
      throw new KubernetesClientException("the account of this pod cannot be read: " + e, e);
    }
  }

  @Override
  public JobRef start(JobPlan plan) throws ClusterException, InterruptedException {
    String name = plan.name();
    for (int number = 2; number <= MOST_JOBS; number++) {
      JobRef job = started(plan, name);
      if (job != null) {
        return job;
      }
      // A job of that name has ended and was seen: this call is a repetition within the command.
      name = plan.name() + "-" + number;
    }
    throw new ClusterException(
        "the command has started " + MOST_JOBS + " such jobs already",
        CONFLICT,
        new IllegalStateException(name));
  }

  /** Null when the name belongs to a job that is over. */
  private @Nullable JobRef started(JobPlan plan, String name)
      throws ClusterException, InterruptedException {
    boolean files = !plan.files().isEmpty();
    try {
      if (files) {
        makeFiles(plan, name);
      }
      Job job =
          client.getKubernetesSerialization().unmarshal(Json.text(plan.resource(name)), Job.class);
      Job made =
          answered(
              () ->
                  client.batch().v1().jobs().inNamespace(plan.namespace()).resource(job).create());
      if (files) {
        own(plan.namespace(), name, made);
      }
      return ref(made);
    } catch (ClusterException e) {
      if (e.status() == CONFLICT) {
        return adopted(plan, name);
      }
      if (files) {
        removeFiles(plan, name);
      }
      throw e;
    } catch (InterruptedException e) {
      // The request may have arrived; nobody would ever look at what it started.
      delete(new JobRef(plan.namespace(), name, "", plan.labels()));
      throw e;
    }
  }

  private @Nullable JobRef adopted(JobPlan plan, String name)
      throws ClusterException, InterruptedException {
    ScalableResource<Job> resource = job(plan.namespace(), name);
    Job existing = answered(resource::get);
    if (existing == null
        || existing.getMetadata().getDeletionTimestamp() != null
        || existing.getMetadata().getLabels().containsKey(JobPlan.COLLECTED)) {
      return null;
    }
    Job taken =
        answered(() -> labelled(resource, JobPlan.ATTEMPT, plan.labels().get(JobPlan.ATTEMPT)));
    return ref(taken);
  }

  private void makeFiles(JobPlan plan, String name) throws ClusterException, InterruptedException {
    ConfigMap map =
        client
            .getKubernetesSerialization()
            .unmarshal(Json.text(plan.filesResource(name)), ConfigMap.class);
    try {
      answered(() -> client.configMaps().inNamespace(plan.namespace()).resource(map).create());
    } catch (ClusterException e) {
      // One that is there has this content: it is part of the name.
      if (e.status() != CONFLICT) {
        throw e;
      }
    }
  }

  private void removeFiles(JobPlan plan, String name) throws InterruptedException {
    try {
      answered(() -> files(plan.namespace(), name).delete());
    } catch (ClusterException e) {
      left(plan.namespace(), name, e);
    }
  }

  /** Lets the cluster delete the files with the job. */
  private void own(String namespace, String name, Job job) throws InterruptedException {
    OwnerReference owner =
        new OwnerReferenceBuilder()
            .withApiVersion("batch/v1")
            .withKind("Job")
            .withName(job.getMetadata().getName())
            .withUid(job.getMetadata().getUid())
            .build();
    try {
      answered(
          () ->
              files(namespace, name)
                  .edit(
                      map -> {
                        map.getMetadata().setOwnerReferences(List.of(owner));
                        return map;
                      }));
    } catch (ClusterException e) {
      // The job runs all the same.
      left(namespace, name, e);
    }
  }

  private Resource<ConfigMap> files(String namespace, String name) {
    return client.configMaps().inNamespace(namespace).withName(name);
  }

  private static void left(String namespace, String name, ClusterException e) {
    LOG.log(
        System.Logger.Level.WARNING,
        "configuration map " + namespace + "/" + name + " is left behind: " + e.getMessage());
  }

  @Override
  public JobState look(JobRef ref) throws ClusterException, InterruptedException {
    Job job = answered(job(ref.namespace(), ref.name())::get);
    if (job == null || !ref.uid().equals(job.getMetadata().getUid())) {
      return new JobState.Gone();
    }
    List<Pod> pods =
        answered(
            () ->
                client
                    .pods()
                    .inNamespace(ref.namespace())
                    .withLabel("job-name", ref.name())
                    .list()
                    .getItems());
    return JobStates.of(job, pods);
  }

  @Override
  public Changes changes(JobRef ref) throws InterruptedException {
    Semaphore changed = new Semaphore(0);
    Watch watch = null;
    try {
      watch = answered(() -> job(ref.namespace(), ref.name()).watch(new Bell(changed)));
    } catch (ClusterException e) {
      LOG.log(System.Logger.Level.DEBUG, "jobs are looked at from time to time only", e);
    }
    return new Listening(changed, watch);
  }

  /** Rings at each event. What it is about is asked again: an event may be late or missed. */
  private record Bell(Semaphore changed) implements Watcher<Job> {
    @Override
    public void eventReceived(Action action, Job job) {
      changed.release();
    }

    @Override
    public void onClose(WatcherException cause) {
      LOG.log(System.Logger.Level.DEBUG, "jobs are looked at from time to time only", cause);
    }
  }

  private record Listening(Semaphore changed, @Nullable Watch watch) implements Changes {
    @Override
    public void await(Duration atMost) throws InterruptedException {
      if (changed.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
        changed.drainPermits();
      }
    }

    @Override
    public void close() {
      if (watch != null) {
        watch.close();
      }
    }
  }

  @Override
  public boolean output(JobRef ref, String pod, CallOutput into) throws InterruptedException {
    byte[] buffer = new byte[16 * 1024];
    try (InputStream log =
        client.pods().inNamespace(ref.namespace()).withName(pod).getLogInputStream()) {
      int count;
      while ((count = log.read(buffer)) >= 0) {
        into.add(buffer, 0, count);
      }
      return true;
    } catch (IOException | KubernetesClientException e) {
      requireNotInterrupted(e);
      LOG.log(
          System.Logger.Level.WARNING,
          "the output of pod " + pod + " cannot be read: " + e.getMessage());
      return false;
    }
  }

  @Override
  public void collected(JobRef ref) throws InterruptedException {
    try {
      answered(() -> labelled(job(ref.namespace(), ref.name()), JobPlan.COLLECTED, "true"));
    } catch (ClusterException e) {
      // Then a repetition within the command would find this end again.
      LOG.log(
          System.Logger.Level.WARNING,
          "job " + JobOutcomes.shown(ref) + " cannot be marked: " + e.getMessage());
    }
  }

  @Override
  public List<JobRef> live(Collection<String> namespaces, boolean all)
      throws ClusterException, InterruptedException {
    if (all) {
      try {
        return live(answered(() -> ours(client.batch().v1().jobs().inAnyNamespace())));
      } catch (ClusterException e) {
        if (e.status() != FORBIDDEN) {
          throw e;
        }
        // The account is one of some namespaces only.
      }
    }
    List<JobRef> found = new ArrayList<>();
    for (String namespace : namespaces) {
      found.addAll(live(answered(() -> ours(client.batch().v1().jobs().inNamespace(namespace)))));
    }
    return found;
  }

  private static List<Job> ours(FilterWatchListDeletable<Job, JobList, ?> jobs) {
    return jobs.withLabel(JobPlan.MANAGED_BY, JobPlan.MANAGER)
        .withoutLabel(JobPlan.COLLECTED)
        .list()
        .getItems();
  }

  private static List<JobRef> live(List<Job> jobs) {
    return jobs.stream()
        .filter(job -> job.getMetadata().getDeletionTimestamp() == null)
        .filter(job -> !(JobStates.of(job, List.of()) instanceof JobState.Ended))
        .map(KubernetesCluster::ref)
        .toList();
  }

  @Override
  public void delete(JobRef ref) throws InterruptedException {
    try {
      ScalableResource<Job> resource = job(ref.namespace(), ref.name());
      Job job = answered(resource::get);
      String attempt = ref.labels().getOrDefault(JobPlan.ATTEMPT, "");
      if (job != null && attempt.equals(job.getMetadata().getLabels().get(JobPlan.ATTEMPT))) {
        answered(() -> resource.withPropagationPolicy(DeletionPropagation.BACKGROUND).delete());
      }
    } catch (ClusterException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "job " + JobOutcomes.shown(ref) + " cannot be deleted: " + e.getMessage());
    }
  }

  private ScalableResource<Job> job(String namespace, String name) {
    return client.batch().v1().jobs().inNamespace(namespace).withName(name);
  }

  private static Job labelled(ScalableResource<Job> resource, String name, @Nullable String value) {
    return resource.edit(
        job -> {
          job.getMetadata().getLabels().put(name, value);
          return job;
        });
  }

  private static JobRef ref(Job job) {
    Map<String, String> labels = job.getMetadata().getLabels();
    return new JobRef(
        job.getMetadata().getNamespace(),
        job.getMetadata().getName(),
        job.getMetadata().getUid(),
        labels == null ? Map.of() : labels);
  }

  private static <T extends @Nullable Object> T answered(Supplier<T> request)
      throws ClusterException, InterruptedException {
    try {
      return request.get();
    } catch (KubernetesClientException e) {
      requireNotInterrupted(e);
      Status status = e.getStatus();
      String told = status == null ? null : status.getMessage();
      throw new ClusterException(
          told == null ? String.valueOf(innermost(e)) : told, Math.max(0, e.getCode()), e);
    }
  }

  /** The client wraps an interrupt of the waiting thread like any other fault. */
  private static void requireNotInterrupted(Exception e) throws InterruptedException {
    boolean interrupted = Thread.interrupted();
    for (Throwable at = e; at != null && !interrupted; at = at.getCause()) {
      interrupted = at instanceof InterruptedException || at instanceof InterruptedIOException;
    }
    if (interrupted) {
      throw new InterruptedException("the container call was interrupted");
    }
  }

  private static Throwable innermost(Throwable e) {
    Throwable at = e;
    while (at.getCause() != null) {
      at = at.getCause();
    }
    return at;
  }

  @Override
  public void close() {
    client.close();
  }
}
