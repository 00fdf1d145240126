/*
 * word-count: counts a text and names its most frequent words.
 *
 *   {"text": "a b A", "top": 2}
 *   {"bytes":5,"characters":5,"words":3,"distinct":2,"lines":1,"longest":"a",
 *    "top":[{"word":"a","count":2},{"word":"b","count":1}]}
 *
 * A word is a run of ASCII letters, digits, apostrophes inside, and anything beyond ASCII; ASCII
 * letters are folded to lower case. Words of equal count are listed in the order of their first
 * appearance. Records one event, text.counted, with the three counts.
 */
#include "noetl.h"

#define TOP_DEFAULT 5
#define TOP_MOST 100

typedef struct {
  noetl_text word;
  noetl_u32 hash, count;
} entry;

/* Open addressing; grows at half full, so that a lookup stays short. */
typedef struct {
  noetl_u32 *slots; /* index into entries plus 1; 0 is free */
  noetl_u32 mask;
  entry *entries;
  noetl_u32 used, room;
} table;

static void rehash(table *t, noetl_u32 slots) {
  t->slots = noetl_alloc(slots * sizeof(noetl_u32));
  for (noetl_u32 i = 0; i < slots; i++) t->slots[i] = 0;
  t->mask = slots - 1;
  for (noetl_u32 e = 0; e < t->used; e++) {
    noetl_u32 i = t->entries[e].hash & t->mask;
    while (t->slots[i]) i = (i + 1) & t->mask;
    t->slots[i] = e + 1;
  }
}

static void count(table *t, noetl_text word) {
  noetl_u32 hash = 2166136261u;
  for (noetl_u32 i = 0; i < word.len; i++) hash = (hash ^ word.at[i]) * 16777619u;
  noetl_u32 i = hash & t->mask;
  for (; t->slots[i]; i = (i + 1) & t->mask) {
    entry *e = &t->entries[t->slots[i] - 1];
    if (e->hash == hash && noetl_same(e->word, word)) {
      e->count++;
      return;
    }
  }
  if (t->used == t->room) {
    entry *more = noetl_alloc(t->room * 2 * sizeof(entry));
    for (noetl_u32 e = 0; e < t->used; e++) more[e] = t->entries[e];
    t->entries = more;
    t->room *= 2;
  }
  t->entries[t->used] = (entry){word, hash, 1};
  t->slots[i] = ++t->used;
  if (t->used * 2 > t->mask) rehash(t, (t->mask + 1) * 2);
}

static int in_word(noetl_u8 c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
}

/* A small whole number; the default when it is missing or something else. */
static noetl_u32 number_or(noetl_json value, noetl_u32 otherwise) {
  noetl_u32 n = 0;
  if (value.len == 0 || value.len > 6) return otherwise;
  for (noetl_u32 i = 0; i < value.len; i++) {
    if (value.at[i] < '0' || value.at[i] > '9') return otherwise;
    n = n * 10 + (value.at[i] - '0');
  }
  return n;
}

NOETL_EXPORT(execute) int execute(int input_len) {
  noetl_json input = noetl_input(input_len);
  noetl_json member = noetl_member(input, "text");
  if (!noetl_is_string(member)) return noetl_error("bad_input", "expected text as a string", 0);
  noetl_u32 top = number_or(noetl_member(input, "top"), TOP_DEFAULT);
  if (top > TOP_MOST) return noetl_error("bad_input", "expected top of at most 100", 0);

  noetl_text text = noetl_string(member);
  noetl_u8 *lower = noetl_alloc(text.len + 1);
  noetl_u32 characters = 0, lines = text.len ? 1 : 0;
  for (noetl_u32 i = 0; i < text.len; i++) {
    noetl_u8 c = text.at[i];
    lower[i] = c >= 'A' && c <= 'Z' ? (noetl_u8)(c + 32) : c;
    if ((c & 0xc0) != 0x80) characters++;
    if (c == '\n' && i + 1 < text.len) lines++;
  }

  table words = {0, 0, noetl_alloc(64 * sizeof(entry)), 0, 64};
  rehash(&words, 128);
  noetl_u32 total = 0;
  noetl_text longest = {0, 0};
  for (noetl_u32 i = 0; i < text.len;) {
    if (!in_word(lower[i])) {
      i++;
      continue;
    }
    noetl_u32 start = i;
    while (i < text.len &&
           (in_word(lower[i]) || (lower[i] == '\'' && i + 1 < text.len && in_word(lower[i + 1]))))
      i++;
    noetl_text word = {lower + start, i - start};
    count(&words, word);
    total++;
    if (word.len > longest.len) longest = word;
  }

  noetl_writer event = noetl_writer_new();
  noetl_put_char(&event, '{');
  noetl_put_count(&event, "words", total);
  noetl_put_count(&event, "characters", characters);
  noetl_put_count(&event, "lines", lines);
  noetl_put_char(&event, '}');
  /* The count is worth having even when the event is refused. */
  if (noetl_put_event("text.counted", &event) < 0) noetl_log(NOETL_WARN, "the event was refused");
  noetl_log(NOETL_INFO, "text counted");

  noetl_writer out = noetl_writer_new();
  noetl_put_char(&out, '{');
  noetl_put_count(&out, "bytes", text.len);
  noetl_put_count(&out, "characters", characters);
  noetl_put_count(&out, "words", total);
  noetl_put_count(&out, "distinct", words.used);
  noetl_put_count(&out, "lines", lines);
  noetl_put_key(&out, "longest");
  noetl_put_string(&out, longest);
  noetl_put_key(&out, "top");
  noetl_put_char(&out, '[');
  for (noetl_u32 n = 0; n < top && n < words.used; n++) {
    entry *best = 0;
    for (noetl_u32 e = 0; e < words.used; e++)
      if (words.entries[e].count && (!best || words.entries[e].count > best->count))
        best = &words.entries[e];
    if (n) noetl_put_char(&out, ',');
    noetl_put_char(&out, '{');
    noetl_put_key(&out, "word");
    noetl_put_string(&out, best->word);
    noetl_put_count(&out, "count", best->count);
    noetl_put_char(&out, '}');
    best->count = 0; /* listed */
  }
  noetl_put_raw(&out, "]}");
  return noetl_output(&out);
}
