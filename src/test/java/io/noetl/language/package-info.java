/**
 * The language as a whole, held against its reference in docs/language.
 *
 * <p>Every numbered section of the reference is a rule, and so is every numbered example; a test
 * names the rules it is about with {@link io.noetl.language.Rule}, and {@code RulesTest} finds
 * those that no test names. The examples lie in {@code src/test/resources/language}, each with what
 * must come of it, and run on a server with every role.
 */
@NullMarked
package io.noetl.language;

import org.jspecify.annotations.NullMarked;
