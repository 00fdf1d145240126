package io.noetl.tool.container;

import io.noetl.json.JsonException;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.code.CodeSource;
import io.noetl.tool.process.CallOutput;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs containers and scripts as jobs of a cluster. A call takes its slot until the job has ended.
 */
public final class ContainerExecutor implements ToolExecutor {
  private final ContainerSettings settings;
  private final Optional<ClusterAccess> access;
  private final ContainerPlans containers;
  private final ScriptPlans scripts;

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Cluster cluster;
  private boolean closed;

  /**
   * @param access how to reach the cluster; empty = there is none, and each call is a hard error
   * @param http fetches scripts that are given by address; not closed by this executor
   */
  public ContainerExecutor(
      ContainerSettings settings, Optional<ClusterAccess> access, ToolExecutor http) {
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
    try {
      boolean script = call.kind() == ToolKind.SCRIPT;
      return done(call, script ? scripts.of(call) : containers.of(call));
    } catch (InvalidConfig e) {
      return Outcome.hard(Errors.configuration(String.valueOf(e.getMessage())));
    } catch (JsonException e) {
      return Outcome.hard(
          Errors.configuration("The job cannot be given to the cluster: " + e.getMessage()));
    }
  }

  private Outcome done(ToolCall call, JobPlan plan) throws InterruptedException {
    Cluster on;
    JobRef job;
    try {
      on = cluster();
      job = on.start(plan);
    } catch (ClusterException e) {
      return JobOutcomes.refused(
          "Expected the cluster to start a job in namespace " + plan.namespace() + ", but", e);
    }
    boolean settled = false;
    try {
      JobWatch.Result result = new JobWatch(on, settings, job).end(plan.limit());
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
