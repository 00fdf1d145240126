package io.noetl.api;

import io.noetl.envelope.Ids;
import io.noetl.result.Layout;
import io.noetl.result.NewStoredResult;
import io.noetl.result.ResultLimits;
import io.noetl.result.ResultUploads;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Data that is stored while it is made: parts first, then what they are together. */
final class ResultUploadRoutes implements Resource {
  private static final String STREAM_LIMIT = "results.stream-bytes";

  private final ResultUploads uploads;
  private final ResultRows rows;
  private final Owners owners;
  private final LongSupplier ids;
  private final ResultLimits limits;

  ResultUploadRoutes(
      ResultUploads uploads,
      ResultRows rows,
      Owners owners,
      LongSupplier ids,
      ResultLimits limits) {
    this.uploads = uploads;
    this.rows = rows;
    this.owners = owners;
    this.ids = ids;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .post("/api/result-uploads/{execution_id}", AccessClass.WORKER, this::begin)
        .put(
            "/api/result-uploads/{execution_id}/{upload_id}/{part}",
            AccessClass.WORKER,
            new Bodies.Limit("results.part-bytes", Math.toIntExact(limits.partBytes())),
            this::part)
        .post("/api/result-uploads/{execution_id}/{upload_id}", AccessClass.WORKER, this::finish);
  }

  private Reply begin(Call call) {
    long executionId = call.pathId("execution_id");
    owners.require(call.tenant(), executionId);
    long uploadId = ids.getAsLong();
    uploads.begin(call.tenant(), executionId, uploadId);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("upload_id", Ids.text(uploadId));
    out.put("part_bytes", limits.partBytes());
    out.put("stream_bytes", limits.streamBytes());
    return Reply.ok(out);
  }

  private Reply part(Call call) {
    long executionId = call.pathId("execution_id");
    long uploadId = call.pathId("upload_id");
    long part = call.pathId("part");
    // Room for parts that are not full: the last one of each section.
    long most = limits.streamBytes() / limits.partBytes() + 100;
    if (part >= most) {
      throw Problems.tooLarge(
              "an upload",
              STREAM_LIMIT,
              limits.streamBytes(),
              "part " + part + " of " + limits.partBytes() + " bytes each (results.part-bytes)")
          .refusal();
    }
    if (!uploads.put(call.tenant(), executionId, uploadId, Math.toIntExact(part), call.bytes())) {
      throw unknown(executionId, uploadId);
    }
    return Reply.ok(Map.of("part", part));
  }

  private Reply finish(Call call) {
    long executionId = call.pathId("execution_id");
    long uploadId = call.pathId("upload_id");
    owners.require(call.tenant(), executionId);
    Map<String, @Nullable Object> body = call.json();
    Layout layout;
    try {
      layout = Layout.of(Members.list(body, "layout"));
    } catch (IllegalArgumentException e) {
      throw Members.fault("layout", String.valueOf(e.getMessage()));
    }
    Map<String, @Nullable Object> meta = Members.map(body, "meta");
    NewStoredResult result =
        rows.of(
            call.tenant(),
            executionId,
            new ResultRows.Asked(
                Members.requiredText(body, "name"),
                Members.text(body, "source_step"),
                Members.text(body, "scope"),
                Members.text(body, "ttl"),
                "application/json"),
            new byte[0],
            meta == null ? Map.of() : meta);
    return switch (uploads.finish(
        uploadId, layout, result, new ResultUploads.Limit(STREAM_LIMIT, limits.streamBytes()))) {
      case ResultUploads.Stored(var stored) -> ResultRows.stored(stored);
      case ResultUploads.Refused(String sentence) -> throw Problems.invalid(sentence).refusal();
    };
  }

  private static Problem.Refusal unknown(long executionId, long uploadId) {
    return Problems.notFound("upload " + uploadId + " of execution " + executionId + " not found")
        .refusal();
  }
}
