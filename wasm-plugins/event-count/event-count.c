/*
 * event-count: how many events the own execution has so far, and the type of the last one, by
 * host_read_event_log, page by page.
 *
 *   {} becomes {"events": 4, "last": "call.done"}
 *
 * Needs the grant {"host_read_event_log": {}}.
 */
#include "noetl.h"

NOETL_EXPORT(execute) int execute(int input_len) {
  (void)input_len;
  noetl_u64 events = 0;
  noetl_json last = noetl_text_of("null");
  noetl_json after = {0, 0};
  do {
    noetl_writer request = noetl_writer_new();
    noetl_put_char(&request, '{');
    if (after.len) {
      noetl_put_key(&request, "after_id");
      noetl_put_json(&request, after);
    }
    noetl_put_char(&request, '}');
    noetl_answer page = NOETL_ASK(host_read_event_log, &request);
    if (page.code < 0) return noetl_refused(page);

    noetl_json list = noetl_member(page.document, "events");
    noetl_json event;
    for (noetl_u32 i = 0; (event = noetl_element(list, i)).len; i++) {
      events++;
      last = noetl_member(event, "event_type");
    }
    after = noetl_member(page.document, "next"); /* null after the last page */
  } while (noetl_is_string(after));

  noetl_writer out = noetl_writer_new();
  noetl_put_char(&out, '{');
  noetl_put_count(&out, "events", events);
  noetl_put_key(&out, "last");
  noetl_put_json(&out, last);
  noetl_put_char(&out, '}');
  return noetl_output(&out);
}
