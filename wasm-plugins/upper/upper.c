/* upper: {"t": "ab"} becomes {"t": "AB"}. The smallest useful plug-in, and a template for yours. */
#include "noetl.h"

NOETL_EXPORT(execute) int execute(int input_len) {
  noetl_json t = noetl_member(noetl_input(input_len), "t");
  if (!noetl_is_string(t)) return noetl_error("bad_input", "expected t as a string", 0);

  noetl_text text = noetl_string(t);
  noetl_u8 *letters = noetl_alloc(text.len);
  for (noetl_u32 i = 0; i < text.len; i++) {
    noetl_u8 c = text.at[i];
    letters[i] = c >= 'a' && c <= 'z' ? (noetl_u8)(c - 32) : c; /* ASCII only */
  }

  noetl_writer out = noetl_writer_new();
  noetl_put_char(&out, '{');
  noetl_put_key(&out, "t");
  noetl_put_string(&out, (noetl_text){letters, text.len});
  noetl_put_char(&out, '}');
  return noetl_output(&out);
}
