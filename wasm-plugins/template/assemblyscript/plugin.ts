// @NAME@: {"name": "Ada"} becomes {"greeting": "Hello, Ada!"}
import { JSON, failure, input, output } from "./noetl";

export function execute(length: i32): i32 {
  const name = input(length).get("name");
  if (name == null || name.type != JSON.Types.String) {
    return failure("bad_input", "expected name as a string");
  }
  const result = new JSON.Obj();
  result.set("greeting", "Hello, " + name.get<string>() + "!");
  return output(result);
}
