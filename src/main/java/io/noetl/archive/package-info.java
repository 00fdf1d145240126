/**
 * Moves the events of finished executions out of the database into compressed files, and brings
 * them back when somebody reads them.
 *
 * <h2>Flow of one execution</h2>
 *
 * <pre>
 * ended long ago -&gt; draft written, synced -&gt; kept by the store -&gt; read back -&gt; one transaction: its events leave, archived_at is set
 * a read finds nothing and archived_at is set -&gt; the store opens the file -&gt; one transaction: its events come back, recalled_at is set
 * not read for a while -&gt; the file is read back -&gt; one transaction: its events leave again
 * </pre>
 *
 * An {@link io.noetl.archive.ArchiveStore} is a folder or a bucket; what is under a name there is
 * whole, and may be read by everybody. The row of the execution stays, so lists, searches and
 * states of executions never need a file. All other reads work as if there were no archive, because
 * they read the log.
 *
 * <h2>What can fail between any two lines</h2>
 *
 * <ul>
 *   <li>The process dies while the draft is written or sent: nobody sees it. The events are still
 *       in the log.
 *   <li>The bucket's service is away, or the network is cut in the middle of an object: it keeps no
 *       part, the try has failed, and the next look tries again.
 *   <li>It dies before the transaction: the file is there and the events are too; the next try
 *       finds the file whole and goes on.
 *   <li>The file is damaged: its checksum does not fit, so the events do not leave the log; when
 *       they have left already, the read fails with the file's name, and nothing is made up.
 *   <li>Two servers do it at once: both write the same file under names of their own, and the row's
 *       lock lets one transaction find the events.
 * </ul>
 *
 * <p>I1 and I3 hold all the way: the events are whole in the log, or whole in a file that was
 * synced and read back.
 *
 * <p>The only package that knows the client of S3.
 *
 * <p>May import {@code postgres}, {@code json}, {@code envelope} and {@code support}; knows nothing
 * of what events mean.
 */
@NullMarked
package io.noetl.archive;

import org.jspecify.annotations.NullMarked;
