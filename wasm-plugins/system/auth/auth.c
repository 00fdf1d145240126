/*
 * auth: makes a mapping out of what a person wrote about callers. Input: source, such as
 *   {"subjects": {"ada@acme.com": {"tenant": "acme", "roles": ["user"]}},
 *    "groups": {"finance": {"roles": ["billing"]}},
 *    "claims": {"department=sales": {"roles": ["sales"]}}}
 * Output: a document of format noetl.auth/1, subjects before claims before groups: the first that
 * names a tenant gives it. It asks the host for nothing, so it needs no grant.
 */
#include "../sources.h"

static noetl_writer entries;
static faults wrong;

static void put_given(const char *section, noetl_text name, noetl_json given) {
  if (!is_object(given)) {
    fault(&wrong, section, name, "", -1, "Expected an object with tenant, roles");
    return;
  }
  noetl_u32 at = 0;
  for (;;) {
    noetl_pair pair = noetl_next(given, &at);
    if (pair.name.len == 0) return;
    if (!is_name(pair, "tenant") && !is_name(pair, "roles")) {
      fault(&wrong, section, name, "", -1, "Expected tenant and roles only");
      continue;
    }
    put_comma(&entries);
    noetl_put_json(&entries, pair.name);
    noetl_put_char(&entries, ':');
    noetl_put_json(&entries, pair.value);
  }
}

static void put_entry(const char *section, noetl_text name, noetl_json given) {
  put_comma(&entries);
  noetl_writer title = noetl_writer_new();
  noetl_put_raw(&title, section);
  noetl_put_char(&title, ' ');
  put_text(&title, name);
  noetl_put_raw(&entries, "{\"name\":");
  noetl_put_string(&entries, (noetl_text){title.at, title.len});
  noetl_put_key(&entries, section);
  if (noetl_same(noetl_text_of(section), noetl_text_of("claims"))) {
    noetl_u32 end = 0;
    while (end < name.len && name.at[end] != '=') end++;
    if (end == 0 || end >= name.len) {
      fault(&wrong, section, name, "", -1, "Expected a name, '=' and a value");
      end = 0;
      name = noetl_text_of("=");
    }
    noetl_put_char(&entries, '{');
    noetl_put_string(&entries, (noetl_text){name.at, end});
    noetl_put_char(&entries, ':');
    noetl_put_string(&entries, (noetl_text){name.at + end + 1, name.len - end - 1});
    noetl_put_char(&entries, '}');
  } else {
    noetl_put_char(&entries, '[');
    noetl_put_string(&entries, name);
    noetl_put_char(&entries, ']');
  }
  put_given(section, name, given);
  noetl_put_char(&entries, '}');
}

static void put_section(noetl_json source, const char *section) {
  noetl_json names = noetl_member(source, section);
  if (names.len == 0) return;
  if (!is_object(names)) {
    fault(&wrong, section, (noetl_text){0, 0}, "", -1, "Expected an object by name");
    return;
  }
  noetl_u32 at = 0;
  for (;;) {
    noetl_pair pair = noetl_next(names, &at);
    if (pair.name.len == 0) return;
    put_entry(section, noetl_string(pair.name), pair.value);
  }
}

NOETL_EXPORT(execute) int execute(int input_len) {
  noetl_json source = noetl_member(noetl_input(input_len), "source");
  wrong = faults_new();
  entries = noetl_writer_new();
  noetl_put_char(&entries, '[');
  if (!is_object(source)) {
    fault(&wrong, "source", (noetl_text){0, 0}, "", -1, "Expected an object");
    return refuse(&wrong);
  }
  noetl_u32 at = 0;
  for (;;) {
    noetl_pair pair = noetl_next(source, &at);
    if (pair.name.len == 0) break;
    if (!is_name(pair, "subjects") && !is_name(pair, "claims") && !is_name(pair, "groups"))
      fault(&wrong, "source", noetl_string(pair.name), "", -1,
            "Expected subjects, claims and groups only");
  }
  put_section(source, "subjects");
  put_section(source, "claims");
  put_section(source, "groups");
  if (wrong.count) return refuse(&wrong);
  noetl_put_char(&entries, ']');
  noetl_writer out = noetl_writer_new();
  noetl_put_raw(&out, "{\"format\":\"noetl.auth/1\",\"entries\":");
  noetl_put_json(&out, (noetl_json){entries.at, entries.len});
  noetl_put_char(&out, '}');
  return noetl_output(&out);
}
