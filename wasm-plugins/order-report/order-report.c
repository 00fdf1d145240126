/*
 * order-report: how many orders a customer has, and what they come to, by host_query_pg.
 *
 *   {"customer": "ada"} becomes {"customer": "ada", "orders": 2, "total": "9.50"}
 *
 * Needs the grant {"host_query_pg": {"credential": "orders"}}, the name of a credential for the
 * database; its role must be able to read the table orders. Values go into params, never into sql.
 */
#include "noetl.h"

NOETL_EXPORT(execute) int execute(int input_len) {
  noetl_json customer = noetl_member(noetl_input(input_len), "customer");
  if (!noetl_is_string(customer)) {
    return noetl_error("bad_input", "expected customer as a string", 0);
  }

  noetl_writer request = noetl_writer_new();
  noetl_put_char(&request, '{');
  noetl_put_key(&request, "sql");
  noetl_put_string(
      &request,
      noetl_text_of("select count(*), coalesce(sum(total), 0) from orders where customer = $1"));
  noetl_put_key(&request, "params");
  noetl_put_char(&request, '[');
  noetl_put_json(&request, customer);
  noetl_put_raw(&request, "]}");
  noetl_answer found = NOETL_ASK(host_query_pg, &request);
  if (found.code < 0) return noetl_refused(found);

  noetl_json row = noetl_element(noetl_member(found.document, "rows"), 0);
  noetl_writer out = noetl_writer_new();
  noetl_put_char(&out, '{');
  noetl_put_key(&out, "customer");
  noetl_put_json(&out, customer);
  noetl_put_key(&out, "orders");
  noetl_put_json(&out, noetl_element(row, 0));
  noetl_put_key(&out, "total");
  noetl_put_json(&out, noetl_element(row, 1));
  noetl_put_char(&out, '}');
  return noetl_output(&out);
}
