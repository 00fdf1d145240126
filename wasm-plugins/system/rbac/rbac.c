/*
 * rbac: makes rules out of what a person wrote about roles. Input: source, such as
 *   {"default": "deny", "everyone": {"may": ["read"]},
 *    "roles": {"billing": {"may": ["run billing/daily"], "may_not": ["credentials"]}},
 *    "subjects": {"ada@acme.com": {"may": ["everything"]}}}
 * Output: a document of format noetl.rbac/1. It asks the host for nothing, so it needs no grant.
 */
#include "../sources.h"

static int is_array(noetl_json value) { return value.len > 1 && value.at[0] == '['; }

/* What a verb stands for; one with two rows becomes two rules. */
static const struct {
  const char *verb, *suffix, *methods, *routes;
} VERBS[] = {
    {"read", "", "[\"GET\"]", "[\"/api/**\",\"/openapi.json\"]"},
    {"read", " (by POST)", "[\"POST\"]",
     "[\"/api/catalog/list\",\"/api/catalog/resource\",\"/api/catalog/validate\","
     "\"/api/plugins/check\"]"},
    {"run", "", "[\"POST\"]",
     "[\"/api/execute\",\"/api/execute/batch\",\"/api/executions/*/fork\","
     "\"/api/executions/*/retry\"]"},
    {"control", "", "[\"POST\",\"DELETE\"]",
     "[\"/api/executions/*/cancel\",\"/api/executions/*/pause\",\"/api/executions/*/resume\","
     "\"/api/executions/*/signal\",\"/api/executions/*/signal/*\",\"/api/executions/*/finalize\","
     "\"/api/executions/*/repair\",\"/api/executions/cleanup\",\"/api/vars/**\"]"},
    {"register", "", "[\"POST\",\"DELETE\"]",
     "[\"/api/catalog/register\",\"/api/catalog/delete\",\"/api/catalog/restore\","
     "\"/api/plugins/**\",\"/api/schedules/**\"]"},
    {"credentials", "", "",
     "[\"/api/credentials\",\"/api/credentials/**\",\"/api/keychain/**\"]"},
    {"everything", "", "", ""},
};
enum { VERB_ROWS = sizeof VERBS / sizeof VERBS[0] };

static noetl_writer rules;
static faults wrong;

/* One line: a verb, and after a blank the paths it is limited to. */
static void put_rules(const char *section, const char *who, noetl_text name, const char *effect,
                      int index, noetl_text line) {
  noetl_u32 end = 0;
  while (end < line.len && line.at[end] != ' ') end++;
  noetl_text verb = {line.at, end};
  noetl_u32 from = end;
  while (from < line.len && line.at[from] == ' ') from++;
  noetl_text path = {line.at + from, line.len - from};
  int allow = noetl_same(noetl_text_of(effect), noetl_text_of("allow"));
  const char *member = allow ? "may" : "may_not";
  int known = 0;
  for (noetl_u32 row = 0; row < VERB_ROWS; row++) {
    if (!noetl_same(verb, noetl_text_of(VERBS[row].verb))) continue;
    known = 1;
    put_comma(&rules);
    noetl_writer title = noetl_writer_new();
    noetl_put_raw(&title, section);
    if (name.len) {
      noetl_put_char(&title, ' ');
      put_text(&title, name);
    }
    noetl_put_raw(&title, allow ? " may " : " may not ");
    put_text(&title, line);
    noetl_put_raw(&title, VERBS[row].suffix);
    noetl_put_raw(&rules, "{\"name\":");
    noetl_put_string(&rules, (noetl_text){title.at, title.len});
    noetl_put_raw(&rules, ",\"effect\":");
    noetl_put_string(&rules, noetl_text_of(effect));
    if (*who) {
      noetl_put_key(&rules, who);
      noetl_put_char(&rules, '[');
      noetl_put_string(&rules, name);
      noetl_put_char(&rules, ']');
    }
    if (*VERBS[row].methods) {
      noetl_put_key(&rules, "methods");
      noetl_put_raw(&rules, VERBS[row].methods);
    }
    if (*VERBS[row].routes) {
      noetl_put_key(&rules, "routes");
      noetl_put_raw(&rules, VERBS[row].routes);
    }
    if (path.len) {
      noetl_put_key(&rules, "paths");
      noetl_put_char(&rules, '[');
      noetl_put_string(&rules, path);
      noetl_put_char(&rules, ']');
    }
    noetl_put_char(&rules, '}');
  }
  if (!known)
    fault(&wrong, section, name, member, index,
          "Expected read, run, control, register, credentials or everything, and perhaps a path");
}

static void put_lines(const char *section, const char *who, noetl_text name, const char *effect,
                      const char *member, noetl_json lines) {
  if (!is_array(lines)) {
    fault(&wrong, section, name, member, -1, "Expected a list");
    return;
  }
  for (noetl_u32 i = 0;; i++) {
    noetl_json line = noetl_element(lines, i);
    if (line.len == 0) return;
    if (!noetl_is_string(line)) {
      fault(&wrong, section, name, member, (int)i, "Expected a text");
      continue;
    }
    put_rules(section, who, name, effect, (int)i, noetl_string(line));
  }
}

/* What one role, one subject or everyone may and may not. */
static void put_rights(const char *section, const char *who, noetl_text name, noetl_json rights) {
  if (!is_object(rights)) {
    fault(&wrong, section, name, "", -1, "Expected an object with may, may_not");
    return;
  }
  noetl_u32 at = 0;
  for (;;) {
    noetl_pair pair = noetl_next(rights, &at);
    if (pair.name.len == 0) return;
    if (is_name(pair, "may"))
      put_lines(section, who, name, "allow", "may", pair.value);
    else if (is_name(pair, "may_not"))
      put_lines(section, who, name, "deny", "may_not", pair.value);
    else
      fault(&wrong, section, name, "", -1, "Expected may and may_not only");
  }
}

static void put_section(const char *section, const char *who, noetl_json names) {
  if (!is_object(names)) {
    fault(&wrong, section, (noetl_text){0, 0}, "", -1, "Expected an object by name");
    return;
  }
  noetl_u32 at = 0;
  for (;;) {
    noetl_pair pair = noetl_next(names, &at);
    if (pair.name.len == 0) return;
    put_rights(section, who, noetl_string(pair.name), pair.value);
  }
}

NOETL_EXPORT(execute) int execute(int input_len) {
  noetl_json source = noetl_member(noetl_input(input_len), "source");
  noetl_text nobody = {0, 0};
  wrong = faults_new();
  rules = noetl_writer_new();
  noetl_put_char(&rules, '[');
  noetl_text fallback = noetl_text_of("deny");
  if (!is_object(source)) {
    fault(&wrong, "source", nobody, "", -1, "Expected an object");
    return refuse(&wrong);
  }
  noetl_u32 at = 0;
  for (;;) {
    noetl_pair pair = noetl_next(source, &at);
    if (pair.name.len == 0) break;
    if (is_name(pair, "default")) {
      fallback = noetl_string(pair.value);
      if (!noetl_same(fallback, noetl_text_of("allow")) &&
          !noetl_same(fallback, noetl_text_of("deny")))
        fault(&wrong, "default", nobody, "", -1, "Expected allow or deny");
    } else if (is_name(pair, "everyone")) {
      put_rights("everyone", "", nobody, pair.value);
    } else if (is_name(pair, "roles")) {
      put_section("roles", "roles", pair.value);
    } else if (is_name(pair, "subjects")) {
      put_section("subjects", "subjects", pair.value);
    } else {
      fault(&wrong, "source", noetl_string(pair.name), "", -1,
            "Expected default, everyone, roles and subjects only");
    }
  }
  if (wrong.count) return refuse(&wrong);
  noetl_put_char(&rules, ']');
  noetl_writer out = noetl_writer_new();
  noetl_put_raw(&out, "{\"format\":\"noetl.rbac/1\",\"default\":");
  noetl_put_string(&out, fallback);
  noetl_put_raw(&out, ",\"rules\":");
  noetl_put_json(&out, (noetl_json){rules.at, rules.len});
  noetl_put_char(&out, '}');
  return noetl_output(&out);
}
