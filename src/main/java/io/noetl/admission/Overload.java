package io.noetl.admission;

/**
 * Why a new execution is refused now.
 *
 * @param sentence names the backlog, how large it is, the mark and its setting
 * @param retryAfterSeconds when it is worth trying again, at the rate at which the backlog shrinks
 */
public record Overload(AdmissionMetrics.Kind kind, String sentence, int retryAfterSeconds) {}
