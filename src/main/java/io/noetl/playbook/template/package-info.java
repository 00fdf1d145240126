/**
 * Templates: Jinja text rendered against names, with native typing and Python-like truth.
 *
 * <p>{@link io.noetl.playbook.template.Templates} is the only door. A value goes in with a {@link
 * io.noetl.playbook.template.Scope}; maps and lists are rendered member by member, and a text
 * without delimiters never meets the engine. A template is cut into pieces ({@code Lexer}), its
 * block tags become segments ({@code BlockParser}), its expressions trees ({@code
 * ExpressionParser}); the result is cached by text, so each text is compiled once. Evaluating walks
 * the tree with one {@code Evaluation}, which knows the names and keeps the account of time, depth,
 * text and memory; what comes out is bound to plain values ({@code Binding}) or printed ({@code
 * TextForm}), and typed ({@code Retyping}). Any fault between these lines is a {@link
 * io.noetl.playbook.template.TemplateException} whose message is for the author of the template.
 *
 * <p>Of the Jinja library, Jinjava, the token scanner, the parser and the tree of its expression
 * language are used, through their extension points: scanner, parser and nodes are subclasses. Its
 * interpreter is not. That one calls Java methods by reflection, coerces operands by rules that
 * contradict those of the language (a text equals a number, {@code not} binds tightest, undefined
 * is null), needs a thread-local and an object mapper, and parses parentheses in quadratic time;
 * what is never started cannot be escaped from. Values are maps, lists and our own objects; there
 * is no way from a template to a class.
 *
 * <p>Nothing here knows steps or executions. The only clock read is the monotonic one behind {@code
 * template.max-time}; {@code now()} takes its time from the scope. May import {@code json} only,
 * and is the only package that knows the template library.
 */
@NullMarked
package io.noetl.playbook.template;

import org.jspecify.annotations.NullMarked;
