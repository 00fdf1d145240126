/* @NAME@: {"name": "Ada"} becomes {"greeting": "Hello, Ada!"} */
#include "noetl.h"

NOETL_EXPORT(execute) int execute(int input_len) {
  noetl_json name = noetl_member(noetl_input(input_len), "name");
  if (!noetl_is_string(name)) return noetl_error("bad_input", "expected name as a string", 0);

  noetl_text text = noetl_string(name);
  noetl_writer greeting = noetl_writer_new();
  noetl_put_raw(&greeting, "Hello, ");
  for (noetl_u32 i = 0; i < text.len; i++) noetl_put_char(&greeting, (char)text.at[i]);
  noetl_put_char(&greeting, '!');

  noetl_writer out = noetl_writer_new();
  noetl_put_char(&out, '{');
  noetl_put_key(&out, "greeting");
  noetl_put_string(&out, (noetl_text){greeting.at, greeting.len});
  noetl_put_char(&out, '}');
  return noetl_output(&out);
}
