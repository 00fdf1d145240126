package io.noetl.mode;

import io.noetl.admission.Admission;
import io.noetl.archive.Archive;
import io.noetl.catalog.Catalog;
import io.noetl.command.Claims;
import io.noetl.command.CommandQueue;
import io.noetl.command.LeaseSweeper;
import io.noetl.journal.Definitions;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.PartitionKeeper;
import io.noetl.result.ResultSweeper;
import io.noetl.result.StoredResults;
import io.noetl.schedule.ScheduleKeeper;
import io.noetl.schedule.Schedules;
import io.noetl.support.Lifecycle;
import io.noetl.upkeep.RetentionKeeper;
import io.noetl.verify.Doctor;
import io.noetl.verify.StuckWatch;
import io.noetl.wait.Cascade;
import io.noetl.wait.ChildAdmission;
import io.noetl.wait.WaitKeeper;

/** What a server decides with; starts lanes, then claims, then the sweep, and ends in reverse. */
record Decisions(
    Catalog catalog,
    Definitions definitions,
    IntentHandler intents,
    CommandQueue commands,
    Claims claims,
    LeaseSweeper sweeper,
    ResultSweeper results,
    StoredResults vault,
    WaitKeeper waits,
    Cascade cascade,
    ChildAdmission children,
    Admission admission,
    Schedules schedules,
    ScheduleKeeper scheduleKeeper,
    PartitionKeeper partitions,
    Archive archive,
    Doctor doctor,
    StuckWatch stuck,
    RetentionKeeper retention)
    implements Lifecycle {

  @Override
  public void start() {
    intents.start();
    claims.start();
    sweeper.start();
    results.start();
    waits.start();
    scheduleKeeper.start();
    partitions.start();
    admission.start();
    stuck.start();
    retention.start();
  }

  @Override
  public void close() {
    admission.close();
    retention.close();
    stuck.close();
    partitions.close();
    scheduleKeeper.close();
    waits.close();
    results.close();
    sweeper.close();
    claims.close();
    intents.close();
  }
}
