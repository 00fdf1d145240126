/*
 * What the compilers of policies have in common: they read a document of a person, write one for the
 * server, and tell everything that is wrong in one go.
 */
#ifndef NOETL_SOURCES_H
#define NOETL_SOURCES_H

#include "noetl.h"

enum { MOST_FAULTS = 20 };

typedef struct {
  noetl_writer text;
  noetl_u32 count;
} faults;

static faults faults_new(void) { return (faults){noetl_writer_new(), 0}; }

static void put_text(noetl_writer *out, noetl_text text) {
  for (noetl_u32 i = 0; i < text.len; i++) noetl_put_char(out, (char)text.at[i]);
}

/* "roles.billing.may[2]: Expected …"; index below 0 for none, each part may be empty. */
static void fault(faults *all, const char *section, noetl_text name, const char *member, int index,
                  const char *message) {
  if (all->count++ >= MOST_FAULTS) return;
  noetl_writer *out = &all->text;
  if (out->len) noetl_put_raw(out, "; ");
  noetl_put_raw(out, section);
  if (name.len) {
    noetl_put_char(out, '.');
    put_text(out, name);
  }
  if (*member) {
    noetl_put_char(out, '.');
    noetl_put_raw(out, member);
  }
  if (index >= 0) {
    noetl_put_char(out, '[');
    noetl_put_number(out, (noetl_u64)index);
    noetl_put_char(out, ']');
  }
  noetl_put_raw(out, ": ");
  noetl_put_raw(out, message);
}

/* The soft error with all of them. Return its result from execute. */
static int refuse(faults *all) {
  noetl_writer out = noetl_writer_new();
  if (all->count > MOST_FAULTS) {
    noetl_put_raw(&all->text, "; and ");
    noetl_put_number(&all->text, all->count - MOST_FAULTS);
    noetl_put_raw(&all->text, " more");
  }
  noetl_put_raw(&out, "{\"code\":\"POLICY_SOURCE\",\"message\":");
  noetl_put_string(&out, (noetl_text){all->text.at, all->text.len});
  noetl_put_raw(&out, ",\"retryable\":false}");
  host_output(out.at, out.len);
  return 1;
}

static int is_object(noetl_json value) { return value.len > 1 && value.at[0] == '{'; }

static int is_name(noetl_pair pair, const char *name) {
  return noetl_same(noetl_string(pair.name), noetl_text_of(name));
}

/* A comma where the object or list that is written has something already. */
static void put_comma(noetl_writer *out) {
  noetl_u8 last = out->at[out->len - 1];
  if (last != '{' && last != '[') noetl_put_char(out, ',');
}

#endif
