/**
 * Policies as data: what may be asked of a server, beyond its built-in rules.
 *
 * <h2>Types and flow of one question</h2>
 *
 * <pre>
 * document -&gt; {@link io.noetl.policy.PolicyReader} -&gt; {@link io.noetl.policy.Policy}
 *   (who, method, route, path?) = {@link io.noetl.policy.Question} -&gt; {@link io.noetl.policy.Verdict}, with the rule that decided
 * document -&gt; {@link io.noetl.policy.MappingReader} -&gt; {@link io.noetl.policy.Mapping}
 *   subject, groups and claims = {@link io.noetl.policy.Claims} -&gt; tenant and roles
 * </pre>
 *
 * Both languages are closed: a member that is not known is a fault, and so is a rule that is not
 * wholly understood. A deny wins over every allow, so the order in which a compiler writes rules
 * means nothing. Deciding is pure, takes microseconds and never waits.
 *
 * <h2>What can fail between the lines</h2>
 *
 * Only reading: every fault of a document is told at once, with its place, and nothing of it is
 * used.
 *
 * <p>This package may import {@code json} and the JDK; no clock, no database. Where policies come
 * from is the affair of {@code io.noetl.policy.compiled}.
 */
@NullMarked
package io.noetl.policy;

import org.jspecify.annotations.NullMarked;
