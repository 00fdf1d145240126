/**
 * The {@code container} and {@code script} tools: jobs of a Kubernetes cluster.
 *
 * <p>{@code JobPlan} makes a job (and, for a script, the configuration map that carries it) of the
 * rendered fields, as plain values. A {@link io.noetl.tool.container.Cluster} starts it under a
 * name that is the same on every attempt of the command, so that a repeated command finds its job
 * instead of starting a second one. {@code JobWatch} looks at the job until it has ended: each
 * change wakes it, and a poll comes from time to time for those that are missed. {@code
 * JobOutcomes} makes the outcome.
 *
 * <p>A call that may be put aside waits for nothing: {@code ContainerExecutor} starts the job and
 * throws {@link io.noetl.tool.PutAside}; {@code AsideJobs} looks at it once in each later call, by
 * any worker. {@link io.noetl.tool.container.JobReaper} deletes jobs whose commands have ended: of
 * cancelled executions, and of workers that died at the wrong moment.
 *
 * <p>Between the lines: the worker may die after the start (the next attempt adopts the job, or
 * reads how it ended); the cluster may not answer for a while (borne for {@code
 * kubernetes.outage-limit}); the job may never start (ended after {@code kubernetes.start-limit}),
 * or be deleted by somebody (a hard error). A watched call that is interrupted or whose time is
 * over deletes its job, unless a later attempt has adopted it meanwhile.
 *
 * <p>The client library is named in {@code KubernetesCluster} alone, and loaded with the first
 * call. May import {@code tool}, {@code tool.code} and what they may import.
 */
@NullMarked
package io.noetl.tool.container;

import org.jspecify.annotations.NullMarked;
