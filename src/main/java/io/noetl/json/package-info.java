/**
 * JSON text to plain values and back; the only package that knows the JSON library.
 *
 * <p>A JSON value is a plain Java value everywhere in this project: {@code null}, {@link
 * java.lang.Boolean}, {@link java.lang.Long} (or {@link java.math.BigInteger} beyond 64 bits),
 * {@link java.lang.Double} (or {@link java.math.BigDecimal} where a double cannot hold the text),
 * {@link java.lang.String}, {@link java.util.List}, and {@link java.util.Map} with string keys in
 * insertion order. The order of keys survives a round trip, because a template may print a map and
 * a replay must print the same.
 *
 * <p>May import nothing of this project.
 */
@NullMarked
package io.noetl.json;

import org.jspecify.annotations.NullMarked;
