/*
 * retention: removes what is over, by the rules of retention and the ages in its input, until nothing
 * is left of it or its rounds are used up. Its grant: host_system_call with the names
 * retention.purge and outbox.pending.
 */
#include "noetl.h"

enum { MOST_ROUNDS = 50 };

static noetl_u64 number(noetl_json value) {
  noetl_u64 n = 0;
  for (noetl_u32 i = 0; i < value.len && value.at[i] >= '0' && value.at[i] <= '9'; i++)
    n = n * 10 + (value.at[i] - '0');
  return n;
}

/* The reply to the latest call; below 0 the call was refused and this says why. */
static noetl_json reply(void) {
  noetl_u32 len = (noetl_u32)host_reply(0, 0);
  noetl_u8 *bytes = noetl_alloc(len);
  host_reply(bytes, len);
  return (noetl_json){bytes, len};
}

static void put_json(noetl_writer *out, noetl_json value) {
  for (noetl_u32 i = 0; i < value.len; i++) noetl_put_char(out, (char)value.at[i]);
}

/* Hands a member of the input on, when it is there. */
static void hand_on(noetl_writer *out, noetl_json input, const char *name) {
  noetl_json value = noetl_member(input, name);
  if (value.len == 0) return;
  noetl_put_key(out, name);
  put_json(out, value);
}

static int refused(void) {
  noetl_json why = reply();
  noetl_text code = noetl_string(noetl_member(why, "code"));
  noetl_text message = noetl_string(noetl_member(why, "message"));
  noetl_writer out = noetl_writer_new();
  noetl_put_raw(&out, "{\"code\":");
  noetl_put_string(&out, code);
  noetl_put_raw(&out, ",\"message\":");
  noetl_put_string(&out, message);
  noetl_put_raw(&out, ",\"retryable\":true}");
  host_output(out.at, out.len);
  return 1;
}

NOETL_EXPORT(execute) int execute(int input_len) {
  noetl_json input = noetl_input(input_len);
  noetl_writer ask = noetl_writer_new();
  noetl_put_raw(&ask, "{\"name\":\"retention.purge\",\"args\":{");
  noetl_writer args = noetl_writer_new();
  noetl_put_char(&args, '{');
  hand_on(&args, input, "command_retention_days");
  hand_on(&args, input, "runtime_stale_minutes");
  hand_on(&args, input, "event_retention_days");
  hand_on(&args, input, "dry_run");
  put_json(&ask, (noetl_json){args.at + 1, args.len - 1});
  noetl_put_raw(&ask, "}}");

  noetl_u64 executions = 0, events = 0, commands = 0, rounds = 0;
  int more = 1;
  int look_only = noetl_same(noetl_member(input, "dry_run"), noetl_text_of("true"));
  while (more && rounds < MOST_ROUNDS) {
    if (host_system_call(ask.at, ask.len) < 0) return refused();
    noetl_json purged = reply();
    rounds++;
    executions += number(noetl_member(purged, "executions_purged"));
    events += number(noetl_member(purged, "events_purged"));
    commands += number(noetl_member(purged, "commands_purged"));
    more = !look_only && noetl_same(noetl_member(purged, "more"), noetl_text_of("true"));
  }
  noetl_writer pending = noetl_writer_new();
  noetl_put_raw(&pending, "{\"name\":\"outbox.pending\"}");
  if (host_system_call(pending.at, pending.len) < 0) return refused();
  noetl_json outbox = reply();

  noetl_writer out = noetl_writer_new();
  noetl_put_char(&out, '{');
  noetl_put_count(&out, "executions_purged", executions);
  noetl_put_count(&out, "events_purged", events);
  noetl_put_count(&out, "commands_purged", commands);
  noetl_put_count(&out, "rounds", rounds);
  noetl_put_key(&out, "more");
  noetl_put_raw(&out, more ? "true" : "false");
  noetl_put_key(&out, "outbox_pending");
  put_json(&out, noetl_member(outbox, "pending"));
  noetl_put_char(&out, '}');
  return noetl_output(&out);
}
