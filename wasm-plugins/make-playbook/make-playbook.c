/*
 * make-playbook: registers a playbook of one step that fetches an address, by host_mutate_catalog.
 *
 *   {"name": "shop", "url": "http://shop.example/health"} becomes {"path": "made/shop", "version": 1}
 *
 * Needs the grant {"host_mutate_catalog": {"prefix": "made/"}}.
 */
#include "noetl.h"

static int plain(noetl_text name) {
  for (noetl_u32 i = 0; i < name.len; i++) {
    noetl_u8 c = name.at[i];
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return 0;
  }
  return name.len > 0;
}

static void put_text(noetl_writer *out, noetl_text text) {
  for (noetl_u32 i = 0; i < text.len; i++) noetl_put_char(out, (char)text.at[i]);
}

NOETL_EXPORT(execute) int execute(int input_len) {
  noetl_json input = noetl_input(input_len);
  noetl_text name = noetl_string(noetl_member(input, "name"));
  noetl_json url = noetl_member(input, "url");
  if (!plain(name)) return noetl_error("bad_input", "expected name of a-z, 0-9 and hyphens", 0);
  if (!noetl_is_string(url)) return noetl_error("bad_input", "expected url as a string", 0);

  noetl_writer path = noetl_writer_new();
  noetl_put_raw(&path, "made/");
  put_text(&path, name);

  /* JSON is YAML, so a quoted string of JSON may stand in it as it is. */
  noetl_writer yaml = noetl_writer_new();
  noetl_put_raw(&yaml, "apiVersion: noetl.io/v2\nkind: Playbook\nmetadata: {name: ");
  put_text(&yaml, name);
  noetl_put_raw(&yaml, ", path: made/");
  put_text(&yaml, name);
  noetl_put_raw(&yaml, "}\nworkflow:\n  - step: start\n    tool: {kind: http, url: ");
  noetl_put_json(&yaml, url);
  noetl_put_raw(&yaml, "}\n");

  noetl_writer request = noetl_writer_new();
  noetl_put_char(&request, '{');
  noetl_put_key(&request, "path");
  noetl_put_string(&request, (noetl_text){path.at, path.len});
  noetl_put_key(&request, "yaml");
  noetl_put_string(&request, (noetl_text){yaml.at, yaml.len});
  noetl_put_char(&request, '}');
  noetl_answer made = NOETL_ASK(host_mutate_catalog, &request);
  if (made.code < 0) return noetl_refused(made);

  noetl_writer out = noetl_writer_new();
  noetl_put_json(&out, made.document);
  return noetl_output(&out);
}
