package io.noetl.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Database.Pool;
import io.noetl.result.ResultUploads;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Results that come in parts, over HTTP. */
class ResultUploadRoutesIT {
  private static RunningServer running;
  private static Client client;
  private static String execution;

  @BeforeAll
  static void start() {
    running = RunningServer.start(Playbooks.CHAIN);
    client = running.client();
    execution = client.execute("wire/chain");
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  private static String begin() {
    return client.post("/api/result-uploads/" + execution, "{}").ok().text("upload_id");
  }

  private static Client.Answer part(String upload, String number, String content) {
    return client.send(
        "PUT",
        "/api/result-uploads/" + execution + "/" + upload + "/" + number,
        content.getBytes(UTF_8),
        "Content-Type",
        "application/octet-stream");
  }

  private static Client.Answer finish(String upload, String layout) {
    return client.post(
        "/api/result-uploads/" + execution + "/" + upload,
        """
        {"name": "start", "source_step": "start", "layout": %s, "meta": {"type": "object",
          "preview": {"n": 1}, "correlation": {"command_id": "%s", "attempt": 1}}}
        """
            .formatted(layout, upload));
  }

  private static long count(String sql) {
    return running
        .database()
        .autocommit(
            Pool.BACKGROUND,
            connection -> {
              try (var statement = connection.createStatement();
                  var rows = statement.executeQuery(sql)) {
                rows.next();
                return rows.getLong(1);
              }
            });
  }

  @Test
  void theContentIsTheSectionsInTheirOrderEvenWhenOneComesTwice() throws Exception {
    String upload = begin();
    part(upload, "0", "1,2").ok();
    part(upload, "1", ",3").ok();
    part(upload, "2", "{\"a\":[").ok();
    part(upload, "3", "],\"b\":[").ok();
    part(upload, "4", "]}").ok();
    part(upload, "1", "the same part again changes nothing").ok();

    Client.Answer stored = finish(upload, "[[2,3],[0,2],[3,4],[0,2],[4,5]]").ok();

    String whole = "{\"a\":[1,2,3],\"b\":[1,2,3]}";
    assertThat(stored.at("bytes")).isEqualTo((long) whole.length());
    assertThat(stored.text("sha"))
        .isEqualTo(
            HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(whole.getBytes(UTF_8))));
    Client.Answer read = client.get("/api/result/resolve?ref=" + stored.text("ref")).ok();
    assertThat(read.text()).isEqualTo(whole);
    assertThat(read.header("NoETL-Result-Ref")).isEqualTo(stored.text("ref"));
    assertThat(finish(upload, "[[0,1]]").ok().text("ref"))
        .as("the same attempt again")
        .isEqualTo(stored.text("ref"));
  }

  @Test
  void aLargeOneIsSentInParts() {
    String upload = begin();
    String megabyte = "x".repeat(1 << 20);
    part(upload, "0", "\"").ok();
    part(upload, "1", megabyte).ok();

    Client.Answer stored = finish(upload, "[[0,2],[1,2],[1,2],[0,1]]").ok();

    Client.Answer read = client.get("/api/result/resolve?ref=" + stored.text("ref")).ok();
    assertThat(read.header("Content-Length")).isEqualTo(stored.text("bytes"));
    assertThat(read.text()).isEqualTo("\"" + megabyte.repeat(3) + "\"");
  }

  @Test
  void refusesPartsAndLayoutsThatCannotBe() {
    String upload = begin();
    part(upload, "0", "1").ok();

    assertThat(finish(upload, "[[0,2]]").text("error")).contains("part 1", "missing");
    assertThat(finish(upload, "[[1,0]]").status()).isEqualTo(422);
    assertThat(finish(upload, "[]").status()).isEqualTo(422);
    assertThat(finish(upload, "[[0]]").text("error")).contains("layout");
    Client.Answer late = part(upload, "99999", "1");
    assertThat(late.status()).isEqualTo(413);
    assertThat(late.text("error")).contains("results.stream-bytes");
    assertThat(part("1", "0", "1").status()).as("unknown upload").isEqualTo(404);
    Client.Answer large = part(upload, "1", "x".repeat((1 << 20) + 1));
    assertThat(large.status()).isEqualTo(413);
    assertThat(large.text("error")).contains("results.part-bytes");
    assertThat(finish("1", "[[0,1]]").text("error")).contains("missing");
  }

  @Test
  void whatNobodyEndedIsSweptAndWhatIsAResultStays() {
    String kept = begin();
    part(kept, "0", "[7]").ok();
    String ref = finish(kept, "[[0,1]]").ok().text("ref");
    String left = begin();
    part(left, "0", "1").ok();
    ResultUploads uploads = new ResultUploads(running.database());

    uploads.sweep(1_000, Duration.ofHours(1));
    assertThat(count("select count(*) from noetl.result_upload where upload_id = " + left))
        .as("it may be on its way")
        .isEqualTo(1);
    running.update("update noetl.result_upload set touched_at = now() - interval '2 hours'");
    uploads.sweep(1_000, Duration.ofHours(1));

    assertThat(count("select count(*) from noetl.result_part where upload_id = " + left)).isZero();
    assertThat(client.get("/api/result/resolve?ref=" + ref).ok().text()).isEqualTo("[7]");
  }
}
