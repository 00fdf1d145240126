/**
 * Who is there: numbers for minting ids, taken by each process under a lease, and later the live
 * worker pools.
 *
 * <p>A process takes a machine number when it starts, renews its lease, and gives it back when it
 * stops. Between the lines the database may stop answering: past the end of the lease, as measured
 * from before it was last asked for, the process mints no more, because another may have the
 * number. Only the database's clock decides who holds what.
 *
 * <p>May import {@code postgres}, {@code config}, {@code support} and {@code envelope}.
 */
@NullMarked
package io.noetl.registry;

import org.jspecify.annotations.NullMarked;
