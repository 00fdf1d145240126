/*
 * run-info: where this call runs, by host_system_call.
 *
 *   {} becomes {"version": "1.4.0", "path": "examples/report", "steps_done": 3}
 *
 * Needs the grant {"host_system_call": {"names": ["version", "execution.status"]}}.
 */
#include "noetl.h"

static noetl_answer ask(const char *function) {
  noetl_writer request = noetl_writer_new();
  noetl_put_char(&request, '{');
  noetl_put_key(&request, "name");
  noetl_put_string(&request, noetl_text_of(function));
  noetl_put_char(&request, '}');
  return NOETL_ASK(host_system_call, &request);
}

NOETL_EXPORT(execute) int execute(int input_len) {
  (void)input_len;
  noetl_answer version = ask("version");
  if (version.code < 0) return noetl_refused(version);
  noetl_answer status = ask("execution.status");
  if (status.code < 0) return noetl_refused(status);

  noetl_writer out = noetl_writer_new();
  noetl_put_char(&out, '{');
  noetl_put_key(&out, "version");
  noetl_put_json(&out, noetl_member(version.document, "version"));
  noetl_put_key(&out, "path");
  noetl_put_json(&out, noetl_member(status.document, "path"));
  noetl_put_key(&out, "steps_done");
  noetl_put_json(&out, noetl_member(status.document, "steps_done"));
  noetl_put_char(&out, '}');
  return noetl_output(&out);
}
