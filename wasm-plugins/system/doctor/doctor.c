/*
 * doctor: looks for running executions that wait for nothing, and has them repaired. Ends with an
 * error when one cannot be repaired, so that its playbook fails and somebody looks. Its grant:
 * host_system_call with the names doctor.stuck and doctor.repair.
 */
#include "noetl.h"

static noetl_json reply(void) {
  noetl_u32 len = (noetl_u32)host_reply(0, 0);
  noetl_u8 *bytes = noetl_alloc(len);
  host_reply(bytes, len);
  return (noetl_json){bytes, len};
}

static void put_json(noetl_writer *out, noetl_json value) {
  for (noetl_u32 i = 0; i < value.len; i++) noetl_put_char(out, (char)value.at[i]);
}

static int failed(noetl_text code, noetl_text message, noetl_json details, const char *retryable) {
  noetl_writer out = noetl_writer_new();
  noetl_put_raw(&out, "{\"code\":");
  noetl_put_string(&out, code);
  noetl_put_raw(&out, ",\"message\":");
  noetl_put_string(&out, message);
  noetl_put_raw(&out, ",\"retryable\":");
  noetl_put_raw(&out, retryable);
  if (details.len) {
    noetl_put_raw(&out, ",\"details\":");
    put_json(&out, details);
  }
  noetl_put_char(&out, '}');
  host_output(out.at, out.len);
  return 1;
}

static int empty(noetl_json list) {
  return list.len < 2 || list.at[noetl_blank(list, 1)] == ']';
}

NOETL_EXPORT(execute) int execute(int input_len) {
  noetl_json input = noetl_input(input_len);
  noetl_json grace = noetl_member(input, "grace_seconds");
  int look_only = noetl_same(noetl_member(input, "dry_run"), noetl_text_of("true"));
  noetl_writer ask = noetl_writer_new();
  noetl_put_raw(&ask, look_only ? "{\"name\":\"doctor.stuck\",\"args\":{"
                                : "{\"name\":\"doctor.repair\",\"args\":{");
  if (grace.len) {
    noetl_put_raw(&ask, "\"grace_seconds\":");
    put_json(&ask, grace);
  }
  noetl_put_raw(&ask, "}}");
  if (host_system_call(ask.at, ask.len) < 0) {
    noetl_json why = reply();
    return failed(noetl_string(noetl_member(why, "code")),
                  noetl_string(noetl_member(why, "message")), (noetl_json){0, 0}, "true");
  }
  noetl_json found = reply();
  if (!look_only && !empty(noetl_member(found, "broken")))
    return failed(noetl_text_of("broken"),
                  noetl_text_of("executions wait for nothing and cannot be repaired"), found,
                  "false");
  noetl_writer out = noetl_writer_new();
  put_json(&out, found);
  return noetl_output(&out);
}
