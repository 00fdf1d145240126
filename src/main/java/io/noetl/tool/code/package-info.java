/**
 * Where the code of a call comes from: the field itself, an encoded one, or a script that is read
 * from a file or fetched.
 *
 * <p>{@code CodeSource} looks at the fields in the order of the language and gives the text. What
 * cannot be read or fetched is an {@code InvalidConfig}, which the calling executor makes a hard
 * error. Tools whose text is not code, such as SQL, ask it for the script alone. Fetching is an
 * ordinary call of the http tool, with its limits and its guard.
 *
 * <p>May import {@code tool} and what it may import; not the packages of the kinds.
 */
@NullMarked
package io.noetl.tool.code;

import org.jspecify.annotations.NullMarked;
