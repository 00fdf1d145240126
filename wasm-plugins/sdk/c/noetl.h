/*
 * noetl.h: write a NoETL plug-in in C without a standard library (ABI noetl.v1).
 *
 * A plug-in exports execute(input_len). Ten lines are enough:
 *
 *   #include "noetl.h"
 *
 *   NOETL_EXPORT(execute) int execute(int input_len) {
 *     noetl_json input = noetl_input(input_len);
 *     noetl_text name = noetl_string(noetl_member(input, "name"));
 *     noetl_writer out = noetl_writer_new();
 *     noetl_put_char(&out, '{');
 *     noetl_put_key(&out, "greeting");
 *     noetl_put_string(&out, name);
 *     noetl_put_char(&out, '}');
 *     return noetl_output(&out);
 *   }
 *
 * Memory: noetl_alloc() only grows. That is right for a plug-in, because the host makes a fresh
 * instance for every call and drops it afterwards. When the host refuses more memory the plug-in
 * traps, which the host reports as PLUGIN_MEMORY.
 *
 * JSON: the host has already checked that the input is valid JSON, so the reader here only finds its
 * way in it. A missing member reads as an empty noetl_json, its string as an empty text.
 */
#ifndef NOETL_H
#define NOETL_H

typedef unsigned char noetl_u8;
typedef unsigned int noetl_u32;
typedef unsigned long long noetl_u64;

#define NOETL_EXPORT(name) __attribute__((export_name(#name)))
#define NOETL_IMPORT(name) __attribute__((import_module("noetl.v1"), import_name(#name)))

/* Imports every plug-in has. */
NOETL_IMPORT(host_input) int host_input(void *ptr, noetl_u32 cap);
NOETL_IMPORT(host_output) void host_output(const void *ptr, noetl_u32 len);
NOETL_IMPORT(host_reply) int host_reply(void *ptr, noetl_u32 cap);
NOETL_IMPORT(host_log) void host_log(int level, const void *ptr, noetl_u32 len);

/* Imports that need a grant. Only those a plug-in calls end up in its import list. */
NOETL_IMPORT(host_put_event) int host_put_event(const void *request, noetl_u32 len);
NOETL_IMPORT(host_get_credential) int host_get_credential(const void *request, noetl_u32 len);
NOETL_IMPORT(host_query_pg) int host_query_pg(const void *request, noetl_u32 len);
NOETL_IMPORT(host_read_event_log) int host_read_event_log(const void *request, noetl_u32 len);
NOETL_IMPORT(host_mutate_catalog) int host_mutate_catalog(const void *request, noetl_u32 len);
NOETL_IMPORT(host_system_call) int host_system_call(const void *request, noetl_u32 len);

/* What a capability returns when it refuses; host_reply then has {"code", "message", "retryable"}. */
enum {
  NOETL_BAD_REQUEST = -1,
  NOETL_DENIED = -2,
  NOETL_NOT_FOUND = -3,
  NOETL_CONFLICT = -4,
  NOETL_TIMEOUT = -5,
  NOETL_TOO_LARGE = -6,
  NOETL_BUDGET = -7,
  NOETL_UNAVAILABLE = -8,
  NOETL_INTERNAL = -9
};

enum { NOETL_TRACE, NOETL_DEBUG, NOETL_INFO, NOETL_WARN, NOETL_ERROR };

/* ---- memory ---------------------------------------------------------------------------------- */

extern noetl_u8 __heap_base;
static noetl_u32 noetl_heap;

/* Never returns null: it traps when the host gives no more memory. */
static __attribute__((noinline, unused)) void *noetl_alloc(noetl_u32 size) {
  if (noetl_heap == 0) noetl_heap = ((noetl_u32)&__heap_base + 15u) & ~15u;
  noetl_u32 start = noetl_heap;
  noetl_u32 room = __builtin_wasm_memory_size(0) * 65536u;
  if (size > 0x7fffff00u) __builtin_trap();
  noetl_u32 end = start + ((size + 15u) & ~15u);
  if (end > room) {
    noetl_u32 pages = (end - room + 65535u) / 65536u;
    if (__builtin_wasm_memory_grow(0, pages) == (unsigned long)-1) __builtin_trap();
  }
  noetl_heap = end;
  return (void *)start;
}

/* ---- text ------------------------------------------------------------------------------------ */

/* UTF-8, not ended by a zero. */
typedef struct {
  const noetl_u8 *at;
  noetl_u32 len;
} noetl_text;

static inline noetl_u32 noetl_length(const char *zero_ended) {
  noetl_u32 n = 0;
  while (zero_ended[n]) n++;
  return n;
}

static inline noetl_text noetl_text_of(const char *zero_ended) {
  return (noetl_text){(const noetl_u8 *)zero_ended, noetl_length(zero_ended)};
}

static inline int noetl_same(noetl_text a, noetl_text b) {
  if (a.len != b.len) return 0;
  for (noetl_u32 i = 0; i < a.len; i++)
    if (a.at[i] != b.at[i]) return 0;
  return 1;
}

static inline void noetl_log(int level, const char *zero_ended) {
  host_log(level, zero_ended, noetl_length(zero_ended));
}

/* ---- reading JSON ---------------------------------------------------------------------------- */

/* A JSON value where it stands in the document; len 0 means that there is none. */
typedef noetl_text noetl_json;

static inline noetl_u32 noetl_blank(noetl_json in, noetl_u32 i) {
  while (i < in.len && (in.at[i] == ' ' || in.at[i] == '\n' || in.at[i] == '\t' || in.at[i] == '\r'))
    i++;
  return i;
}

/* Index after the string that starts at i with its quote. */
static inline noetl_u32 noetl_after_string(noetl_json in, noetl_u32 i) {
  for (i++; i < in.len && in.at[i] != '"'; i++)
    if (in.at[i] == '\\') i++;
  return i < in.len ? i + 1 : in.len;
}

/* Index after the value that starts at i. Needs no recursion: brackets are counted. */
static inline noetl_u32 noetl_after(noetl_json in, noetl_u32 i) {
  noetl_u32 depth = 0;
  while (i < in.len) {
    noetl_u8 c = in.at[i];
    if (c == '"') {
      i = noetl_after_string(in, i);
      if (depth == 0) return i;
      continue;
    }
    if (c == '{' || c == '[') {
      depth++;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return i;
      if (--depth == 0) return i + 1;
    } else if (depth == 0 && (c == ',' || c == ' ' || c == '\n' || c == '\t' || c == '\r')) {
      return i;
    }
    i++;
  }
  return i;
}

/* The member of an object, compared as written (names with escapes are not found). */
static __attribute__((noinline, unused)) noetl_json noetl_member(noetl_json object, const char *name) {
  noetl_json none = {0, 0};
  noetl_text wanted = noetl_text_of(name);
  noetl_u32 i = noetl_blank(object, 0);
  if (i >= object.len || object.at[i] != '{') return none;
  i = noetl_blank(object, i + 1);
  while (i < object.len && object.at[i] == '"') {
    noetl_u32 end = noetl_after_string(object, i);
    noetl_text found = {object.at + i + 1, end - i - 2};
    i = noetl_blank(object, end);
    i = noetl_blank(object, i + 1); /* the colon */
    noetl_u32 stop = noetl_after(object, i);
    if (noetl_same(found, wanted)) return (noetl_json){object.at + i, stop - i};
    i = noetl_blank(object, stop);
    if (i < object.len && object.at[i] == ',') i = noetl_blank(object, i + 1);
  }
  return none;
}

/* The element of an array at this index, from 0; none behind the last. */
static __attribute__((noinline, unused)) noetl_json noetl_element(noetl_json array, noetl_u32 index) {
  noetl_json none = {0, 0};
  noetl_u32 i = noetl_blank(array, 0);
  if (i >= array.len || array.at[i] != '[') return none;
  i = noetl_blank(array, i + 1);
  while (i < array.len && array.at[i] != ']') {
    noetl_u32 stop = noetl_after(array, i);
    if (index-- == 0) return (noetl_json){array.at + i, stop - i};
    i = noetl_blank(array, stop);
    if (i < array.len && array.at[i] == ',') i = noetl_blank(array, i + 1);
  }
  return none;
}

/* A member of an object as it stands there; name.len 0: there is none any more. */
typedef struct {
  noetl_json name, value;
} noetl_pair;

/* The member at *at, which is 0 for the first and is moved on: for (;;) until name.len is 0. */
static __attribute__((noinline, unused)) noetl_pair noetl_next(noetl_json object, noetl_u32 *at) {
  noetl_pair none = {{0, 0}, {0, 0}};
  noetl_u32 i = *at;
  if (i == 0) {
    i = noetl_blank(object, 0);
    if (i >= object.len || object.at[i] != '{') return none;
    i++;
  }
  i = noetl_blank(object, i);
  if (i < object.len && object.at[i] == ',') i = noetl_blank(object, i + 1);
  if (i >= object.len || object.at[i] != '"') return none;
  noetl_u32 end = noetl_after_string(object, i);
  noetl_json name = {object.at + i, end - i};
  i = noetl_blank(object, end);
  if (i >= object.len || object.at[i] != ':') return none;
  i = noetl_blank(object, i + 1);
  end = noetl_after(object, i);
  *at = end;
  return (noetl_pair){name, {object.at + i, end - i}};
}

static inline int noetl_is_string(noetl_json value) { return value.len >= 2 && value.at[0] == '"'; }

static inline noetl_u32 noetl_hex4(const noetl_u8 *at) {
  noetl_u32 value = 0;
  for (int i = 0; i < 4; i++) {
    noetl_u8 c = at[i];
    noetl_u32 digit = c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
    value = value << 4 | (digit & 15);
  }
  return value;
}

static inline noetl_u32 noetl_utf8(noetl_u8 *to, noetl_u32 c) {
  if (c < 0x80) {
    to[0] = (noetl_u8)c;
    return 1;
  }
  if (c < 0x800) {
    to[0] = (noetl_u8)(0xc0 | c >> 6);
    to[1] = (noetl_u8)(0x80 | (c & 63));
    return 2;
  }
  if (c < 0x10000) {
    to[0] = (noetl_u8)(0xe0 | c >> 12);
    to[1] = (noetl_u8)(0x80 | (c >> 6 & 63));
    to[2] = (noetl_u8)(0x80 | (c & 63));
    return 3;
  }
  to[0] = (noetl_u8)(0xf0 | c >> 18);
  to[1] = (noetl_u8)(0x80 | (c >> 12 & 63));
  to[2] = (noetl_u8)(0x80 | (c >> 6 & 63));
  to[3] = (noetl_u8)(0x80 | (c & 63));
  return 4;
}

/* The characters of a string value, escapes resolved; a lone surrogate becomes U+FFFD. */
static inline noetl_text noetl_string(noetl_json value) {
  if (!noetl_is_string(value)) return (noetl_text){0, 0};
  noetl_u8 *to = noetl_alloc(value.len);
  noetl_u32 n = 0;
  for (noetl_u32 i = 1; i + 1 < value.len; i++) {
    noetl_u8 c = value.at[i];
    if (c != '\\') {
      to[n++] = c;
      continue;
    }
    c = value.at[++i];
    switch (c) {
      case 'n': to[n++] = '\n'; break;
      case 't': to[n++] = '\t'; break;
      case 'r': to[n++] = '\r'; break;
      case 'b': to[n++] = '\b'; break;
      case 'f': to[n++] = '\f'; break;
      case 'u': {
        noetl_u32 unit = noetl_hex4(value.at + i + 1);
        i += 4;
        if (unit >= 0xd800 && unit < 0xdc00 && i + 6 < value.len && value.at[i + 1] == '\\' &&
            value.at[i + 2] == 'u') {
          noetl_u32 low = noetl_hex4(value.at + i + 3);
          if (low >= 0xdc00 && low < 0xe000) {
            unit = 0x10000 + ((unit - 0xd800) << 10 | (low - 0xdc00));
            i += 6;
          }
        }
        if (unit >= 0xd800 && unit < 0xe000) unit = 0xfffd;
        n += noetl_utf8(to + n, unit);
        break;
      }
      default: to[n++] = c;
    }
  }
  return (noetl_text){to, n};
}

/* The "input" member of the document the host serves. */
static inline noetl_json noetl_input(int input_len) {
  noetl_u8 *bytes = noetl_alloc((noetl_u32)input_len);
  host_input(bytes, (noetl_u32)input_len);
  return noetl_member((noetl_json){bytes, (noetl_u32)input_len}, "input");
}

/* ---- writing JSON ---------------------------------------------------------------------------- */

typedef struct {
  noetl_u8 *at;
  noetl_u32 len, cap;
} noetl_writer;

static inline noetl_writer noetl_writer_new(void) {
  return (noetl_writer){noetl_alloc(256), 0, 256};
}

static __attribute__((noinline, unused)) void noetl_put_char(noetl_writer *out, char c) {
  if (out->len == out->cap) {
    noetl_u8 *more = noetl_alloc(out->cap * 2);
    for (noetl_u32 i = 0; i < out->len; i++) more[i] = out->at[i];
    out->at = more;
    out->cap *= 2;
  }
  out->at[out->len++] = (noetl_u8)c;
}

/* Text as it is, such as punctuation or a number. */
static __attribute__((noinline, unused)) void noetl_put_raw(noetl_writer *out, const char *zero_ended) {
  while (*zero_ended) noetl_put_char(out, *zero_ended++);
}

static __attribute__((noinline, unused)) void noetl_put_string(noetl_writer *out, noetl_text text) {
  static const char hex[] = "0123456789abcdef";
  noetl_put_char(out, '"');
  for (noetl_u32 i = 0; i < text.len; i++) {
    noetl_u8 c = text.at[i];
    if (c == '"' || c == '\\') {
      noetl_put_char(out, '\\');
      noetl_put_char(out, (char)c);
    } else if (c < 0x20) {
      noetl_put_raw(out, "\\u00");
      noetl_put_char(out, hex[c >> 4]);
      noetl_put_char(out, hex[c & 15]);
    } else {
      noetl_put_char(out, (char)c);
    }
  }
  noetl_put_char(out, '"');
}

/* A JSON value as it stands in another document. */
static __attribute__((noinline, unused)) void noetl_put_json(noetl_writer *out, noetl_json value) {
  for (noetl_u32 i = 0; i < value.len; i++) noetl_put_char(out, (char)value.at[i]);
}

static inline void noetl_put_number(noetl_writer *out, noetl_u64 value) {
  char digits[20];
  int n = 0;
  do {
    digits[n++] = (char)('0' + value % 10);
    value /= 10;
  } while (value);
  while (n) noetl_put_char(out, digits[--n]);
}

/* "name": — with a comma before it when it is not the first member. */
static inline void noetl_put_key(noetl_writer *out, const char *name) {
  if (out->len && out->at[out->len - 1] != '{') noetl_put_char(out, ',');
  noetl_put_string(out, noetl_text_of(name));
  noetl_put_char(out, ':');
}

static inline void noetl_put_count(noetl_writer *out, const char *name, noetl_u64 value) {
  noetl_put_key(out, name);
  noetl_put_number(out, value);
}

/* Success: the document becomes the step's result. */
static inline int noetl_output(noetl_writer *out) {
  host_output(out->at, out->len);
  return 0;
}

/* A soft error: the step's output.error. Return its result from execute. */
static inline int noetl_error(const char *code, const char *message, int retryable) {
  noetl_writer out = noetl_writer_new();
  noetl_put_char(&out, '{');
  noetl_put_key(&out, "code");
  noetl_put_string(&out, noetl_text_of(code));
  noetl_put_key(&out, "message");
  noetl_put_string(&out, noetl_text_of(message));
  noetl_put_key(&out, "retryable");
  noetl_put_raw(&out, retryable ? "true" : "false");
  noetl_put_char(&out, '}');
  host_output(out.at, out.len);
  return 1;
}

/* ---- asking the host ------------------------------------------------------------------------- */

/* code is below 0 when the host refused; document is the reply, or why it refused. */
typedef struct {
  int code;
  noetl_json document;
} noetl_answer;

static __attribute__((noinline, unused)) noetl_answer noetl_answered(int code) {
  noetl_u32 len = (noetl_u32)host_reply(0, 0);
  noetl_u8 *at = noetl_alloc(len);
  host_reply(at, len);
  return (noetl_answer){code, {at, len}};
}

/* NOETL_ASK(host_system_call, &request): request is a noetl_writer with a JSON object. */
#define NOETL_ASK(function, request) noetl_answered(function((request)->at, (request)->len))

/* A soft error with what the host said. Return its result from execute. */
static __attribute__((noinline, unused)) int noetl_refused(noetl_answer answer) {
  host_output(answer.document.at, answer.document.len);
  return 1;
}

/* Records a custom event; fields is a JSON object. Below 0: refused, see host_reply. */
static inline int noetl_put_event(const char *event_type, const noetl_writer *fields) {
  noetl_writer out = noetl_writer_new();
  noetl_put_raw(&out, "{\"envelope\":{\"event_type\":");
  noetl_put_string(&out, noetl_text_of(event_type));
  noetl_put_raw(&out, ",\"context\":");
  for (noetl_u32 i = 0; i < fields->len; i++) noetl_put_char(&out, (char)fields->at[i]);
  noetl_put_raw(&out, "}}");
  return host_put_event(out.at, out.len);
}

#endif
