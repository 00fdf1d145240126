/**
 * Templates: Jinja text rendered against names, with native typing and Python-like truth.
 *
 * <p>{@code Templates} is the only door. A value goes in with a {@link Scope}; strings that hold
 * template text are compiled once (cached by text), evaluated under named limits, and typed by the
 * rules of the language; maps and lists are rendered member by member. Nothing here knows steps or
 * executions, and nothing reads a clock: {@code now()} takes its time from the scope.
 *
 * <p>May import {@code json} and {@code playbook.value}, and is the only package that knows the
 * template library.
 */
@NullMarked
package io.noetl.playbook.template;

import org.jspecify.annotations.NullMarked;
