/**
 * Data out of line: results that are too large for an event, the items of long loops, and the
 * values of loops, which are made of the log.
 *
 * <h2>Flow of one result</h2>
 *
 * <pre>
 * worker: JSON over results.inline-max-bytes -&gt; PUT /api/result -&gt; {@link
 *   io.noetl.result.ResultStore#put} (content by digest, then its row) -&gt; reference -&gt; report
 * template touches it: on a worker GET /api/result/resolve, in a lane {@link
 *   io.noetl.result.StoredResults#load} -&gt; {@link io.noetl.result.ResultStore#find} -&gt; content,
 *   checked against its digest -&gt; JSON value, kept in a cache bounded by bytes
 * </pre>
 *
 * <p>Rows of SQL tools come in parts, while they are read: {@link io.noetl.result.ResultUploads}
 * keeps them and, when the worker says in which order, makes a result whose content is a {@link
 * io.noetl.result.Layout} of them. Nobody has more than one part in memory, unless a template
 * touches all of the result.
 *
 * <h2>What can fail</h2>
 *
 * Between storing and the report everything can fail: the same attempt that stores again gets the
 * first reference; content that nobody came to refer to is deleted with its execution. A reference
 * may be unknown, or its time may be over: both are answers, not exceptions. A database that is
 * away is an exception, and the asker asks again. Nothing is deleted while its execution, or one
 * that it descends from, runs.
 *
 * <p>May import {@code journal} (whose {@code ResultVault} it implements), {@code execution},
 * {@code playbook}, {@code postgres} and {@code json}; SQL is allowed here.
 */
@NullMarked
package io.noetl.result;

import org.jspecify.annotations.NullMarked;
