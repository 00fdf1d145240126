package io.noetl.tool.container;

import io.noetl.json.JsonException;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.ParkedJob;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.code.CodeSource;
import io.noetl.tool.process.CallOutput;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs containers and scripts as jobs of a cluster. A call that may be put aside is put aside as
 * soon as its job is started; any other gives its slot to others while it watches the job.
 */
public final class ContainerExecutor implements ToolExecutor {
  private final ContainerSettings settings;
  private final Optional<ClusterAccess> access;
  private final ContainerPlans containers;
  private final ScriptPlans scripts;
  private final Slots slots;

  /** Namespaces in which this worker has started jobs. */
  private final Set<String> used = ConcurrentHashMap.newKeySet();

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Cluster cluster;
  private boolean closed;

  /**
   * @param access how to reach the cluster; empty = there is none, and each call is a hard error
   * @param http fetches scripts that are given by address; not closed by this executor
   * @param slots what a call waits with
   */
  public ContainerExecutor(
      ContainerSettings settings, Optional<ClusterAccess> access, ToolExecutor http, Slots slots) {
    this.slots = slots;
    this.settings = settings;
    this.access = access;
    this.containers = new ContainerPlans(settings);
    this.scripts = new ScriptPlans(settings, new CodeSource(http));
  }

  @Override
  public Outcome run(ToolCall call) throws InterruptedException {
    if (access.isEmpty()) {
      return Outcome.hard(Errors.configuration("container execution is not configured"));
    }
    ToolCall.Aside aside = call.aside();
    try {
      if (aside != null && !aside.earlier().isEmpty()) {
        return looked(call, ParkedJob.fromMap(aside.earlier()));
      }
      boolean script = call.kind() == ToolKind.SCRIPT;
      JobPlan plan = script ? scripts.of(call) : containers.of(call);
      used.add(plan.namespace());
      return aside != null ? begun(aside, plan) : done(call, plan);
    } catch (InvalidConfig e) {
      return Outcome.hard(Errors.configuration(String.valueOf(e.getMessage())));
    } catch (JsonException e) {
      return Outcome.hard(
          Errors.configuration("The job cannot be given to the cluster: " + e.getMessage()));
    }
  }

  /** Something to wait for. */
  @FunctionalInterface
  public interface Waiting<T> {
    T await() throws InterruptedException;
  }

  /** The slots of the worker. */
  public interface Slots {
    /** Waits while others may have the slot of this thread. */
    <T> T without(Waiting<T> wait) throws InterruptedException;
  }

  /** The job is started; what becomes of it others will see. */
  private Outcome begun(ToolCall.Aside aside, JobPlan plan) throws InterruptedException {
    JobRef job;
    try {
      job = cluster().start(plan);
    } catch (ClusterException e) {
      return notStarted(plan, e);
    }
    Duration limit = plan.limit();
    throw new AsideJobs(settings)
        .begun(job, plan, limit != null && limit.equals(aside.stepLimit()));
  }

  private Outcome looked(ToolCall call, ParkedJob job) throws InterruptedException {
    Cluster on;
    try {
      on = cluster();
    } catch (ClusterException e) {
      return JobOutcomes.refused("Expected access to the cluster, but", e);
    }
    JobRef ref = AsideJobs.ref(job);
    return switch (new AsideJobs(settings).look(on, job)) {
      case JobWatch.Result.Ended(JobState.Ended end) -> {
        Outcome outcome = collected(call, on, ref, end);
        boolean late = !end.succeeded() && ParkedJob.DEADLINE.equals(end.reason());
        yield late && job.limit() != null ? job.timedOut() : outcome;
      }
      case JobWatch.Result.Given(Outcome given, boolean delete) -> {
        if (delete) {
          on.delete(ref);
        }
        yield given;
      }
    };
  }

  /**
   * Deletes the jobs that nobody waits for any more: their commands have ended, or their executions
   * were cancelled.
   *
   * @throws ClusterException when the cluster refuses or does not answer
   */
  void sweep(JobReaper.Commands commands) throws ClusterException, InterruptedException {
    if (access.isEmpty()) {
      return;
    }
    Cluster on = cluster();
    Set<String> namespaces = new LinkedHashSet<>(List.of(settings.namespace()));
    namespaces.addAll(settings.namespaces());
    namespaces.addAll(used);
    List<JobRef> live = on.live(namespaces, settings.namespaces().isEmpty());
    Map<String, String> executions = new LinkedHashMap<>();
    for (JobRef job : live) {
      String command = job.labels().get(JobPlan.COMMAND);
      String execution = job.labels().get(JobPlan.EXECUTION);
      if (command != null && execution != null) {
        executions.put(command, execution);
      }
    }
    if (executions.isEmpty()) {
      return;
    }
    Set<String> ended = commands.ended(executions);
    for (JobRef job : live) {
      if (ended.contains(job.labels().getOrDefault(JobPlan.COMMAND, ""))) {
        on.delete(job);
      }
    }
  }

  private static Outcome notStarted(JobPlan plan, ClusterException e) {
    return JobOutcomes.refused(
        "Expected the cluster to start a job in namespace " + plan.namespace() + ", but", e);
  }

  private Outcome done(ToolCall call, JobPlan plan) throws InterruptedException {
    Cluster on;
    JobRef job;
    try {
      on = cluster();
      job = on.start(plan);
    } catch (ClusterException e) {
      return notStarted(plan, e);
    }
    boolean settled = false;
    try {
      JobWatch watch = new JobWatch(on, settings, job);
      JobWatch.Result result = slots.without(() -> watch.end(plan.limit()));
      Outcome outcome =
          switch (result) {
            case JobWatch.Result.Ended(JobState.Ended end) -> collected(call, on, job, end);
            case JobWatch.Result.Given(Outcome given, boolean delete) -> {
              if (delete) {
                on.delete(job);
              }
              yield given;
            }
          };
      settled = true;
      return outcome;
    } finally {
      if (!settled) {
        // Interrupted: nobody waits for the job any more.
        abandon(on, job);
      }
    }
  }

  private Outcome collected(ToolCall call, Cluster on, JobRef job, JobState.Ended end)
      throws InterruptedException {
    Outcome outcome =
        call.kind() == ToolKind.SCRIPT
            ? JobOutcomes.script(job, end, output(call, on, job, end.pod()))
            : JobOutcomes.container(job, end);
    on.collected(job);
    return outcome;
  }

  private @Nullable String output(ToolCall call, Cluster on, JobRef job, @Nullable String pod)
      throws InterruptedException {
    CallOutput output = new CallOutput("stdout", call.log(), settings.outputLimit());
    if (pod == null || !on.output(job, pod, output)) {
      return null;
    }
    output.finish();
    return output.text();
  }

  private static void abandon(Cluster on, JobRef job) {
    boolean interrupted = Thread.interrupted();
    try {
      on.delete(job);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The client is large: it is loaded when the first call comes. */
  private Cluster cluster() throws ClusterException, InterruptedException {
    lock.lock();
    try {
      if (closed) {
        throw new InterruptedException("the container tool was closed");
      }
      Cluster known = cluster;
      if (known == null) {
        known = KubernetesCluster.open(access.orElseThrow());
        cluster = known;
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      Cluster known = cluster;
      if (known != null) {
        known.close();
        cluster = null;
      }
    } finally {
      lock.unlock();
    }
  }
}
