/**
 * noetl.ts: write a NoETL plug-in in AssemblyScript (ABI noetl.v1).
 *
 * A plug-in exports execute(length). Ten lines are enough:
 *
 *   import { JSON, failure, input, output } from "./noetl";
 *
 *   export function execute(length: i32): i32 {
 *     const name = input(length).get("name");
 *     if (name == null || name.type != JSON.Types.String) {
 *       return failure("bad_input", "expected name as a string");
 *     }
 *     const result = new JSON.Obj();
 *     result.set("greeting", "Hello, " + name.get<string>() + "!");
 *     return output(result);
 *   }
 *
 * JSON is the package json-as, with everything that its documentation says: JSON.Obj and JSON.Value for
 * documents of any shape, classes marked @json for those of a known one (parse them from documentText).
 * A value that has not the type you take it for ends the plug-in with a trap, so look at value.type first.
 *
 * Memory is never freed. That is right for a plug-in, because the host makes a fresh instance for every
 * call and drops it afterwards.
 */
import { JSON } from "json-as";

export { JSON };

// @ts-ignore: a decorator of AssemblyScript
@external("noetl.v1", "host_input")
declare function host_input(pointer: usize, capacity: i32): i32;
// @ts-ignore
@external("noetl.v1", "host_output")
declare function host_output(pointer: usize, length: i32): void;
// @ts-ignore
@external("noetl.v1", "host_reply")
declare function host_reply(pointer: usize, capacity: i32): i32;
// @ts-ignore
@external("noetl.v1", "host_log")
declare function host_log(level: i32, pointer: usize, length: i32): void;

// These need a grant. Only those that a plug-in calls end up in its list of imports.
// @ts-ignore
@external("noetl.v1", "host_put_event")
declare function host_put_event(pointer: usize, length: i32): i32;
// @ts-ignore
@external("noetl.v1", "host_get_credential")
declare function host_get_credential(pointer: usize, length: i32): i32;
// @ts-ignore
@external("noetl.v1", "host_query_pg")
declare function host_query_pg(pointer: usize, length: i32): i32;
// @ts-ignore
@external("noetl.v1", "host_read_event_log")
declare function host_read_event_log(pointer: usize, length: i32): i32;
// @ts-ignore
@external("noetl.v1", "host_mutate_catalog")
declare function host_mutate_catalog(pointer: usize, length: i32): i32;
// @ts-ignore
@external("noetl.v1", "host_system_call")
declare function host_system_call(pointer: usize, length: i32): i32;

export enum Level {
  TRACE,
  DEBUG,
  INFO,
  WARN,
  ERROR,
}

/** The whole document that the host serves: execution_id, step, now, seed, input and more, as text. */
export function documentText(length: i32): string {
  const bytes = new ArrayBuffer(length);
  host_input(changetype<usize>(bytes), length);
  return String.UTF8.decode(bytes);
}

/** The same as an object. */
export function document(length: i32): JSON.Obj {
  return JSON.parse<JSON.Obj>(documentText(length));
}

/** The input of the step; empty when it is no object. */
export function input(length: i32): JSON.Obj {
  const value = document(length).get("input");
  return value == null || value.type != JSON.Types.Object ? new JSON.Obj() : value.get<JSON.Obj>();
}

/** Success: the object becomes the step's result. Return what it returns. */
export function output(result: JSON.Obj): i32 {
  return outputText(JSON.stringify(result));
}

/** Success with a document that is JSON already. */
export function outputText(json: string): i32 {
  const bytes = String.UTF8.encode(json);
  host_output(changetype<usize>(bytes), bytes.byteLength);
  return 0;
}

/** A soft error: the step's output.error. Return what it returns. */
export function failure(code: string, message: string, retryable: bool = false): i32 {
  const error = new JSON.Obj();
  error.set("code", code);
  error.set("message", message);
  error.set("retryable", retryable);
  output(error);
  return 1;
}

export function log(level: Level, text: string): void {
  const bytes = String.UTF8.encode(text);
  host_log(level, changetype<usize>(bytes), bytes.byteLength);
}

/** What the host replied: the reply when code is 0 or more, else {"code", "message", "retryable"}. */
export class Reply {
  constructor(
    readonly code: i32,
    readonly text: string,
  ) {}

  get ok(): bool {
    return this.code >= 0;
  }

  json(): JSON.Obj {
    return JSON.parse<JSON.Obj>(this.text);
  }
}

function reply(code: i32): Reply {
  const length = host_reply(0, 0);
  const bytes = new ArrayBuffer(length);
  host_reply(changetype<usize>(bytes), length);
  return new Reply(code, String.UTF8.decode(bytes));
}

/** Records a custom event of the plug-in's own execution; the reply is {"event_id"}. */
export function putEvent(eventType: string, context: JSON.Obj): Reply {
  const envelope = new JSON.Obj();
  envelope.set("event_type", eventType);
  envelope.set("context", context);
  const request = new JSON.Obj();
  request.set("envelope", envelope);
  const bytes = String.UTF8.encode(JSON.stringify(request));
  return reply(host_put_event(changetype<usize>(bytes), bytes.byteLength));
}

/** Request {"name"}. */
export function getCredential(request: JSON.Obj): Reply {
  const bytes = String.UTF8.encode(JSON.stringify(request));
  return reply(host_get_credential(changetype<usize>(bytes), bytes.byteLength));
}

/** Request {"sql", "params"}. */
export function queryPg(request: JSON.Obj): Reply {
  const bytes = String.UTF8.encode(JSON.stringify(request));
  return reply(host_query_pg(changetype<usize>(bytes), bytes.byteLength));
}

/** Request {"execution_id"?, "after_id"?}. */
export function readEventLog(request: JSON.Obj): Reply {
  const bytes = String.UTF8.encode(JSON.stringify(request));
  return reply(host_read_event_log(changetype<usize>(bytes), bytes.byteLength));
}

/** Request {"path", "yaml"}. */
export function mutateCatalog(request: JSON.Obj): Reply {
  const bytes = String.UTF8.encode(JSON.stringify(request));
  return reply(host_mutate_catalog(changetype<usize>(bytes), bytes.byteLength));
}

/** Request {"name", "args"}. */
export function systemCall(request: JSON.Obj): Reply {
  const bytes = String.UTF8.encode(JSON.stringify(request));
  return reply(host_system_call(changetype<usize>(bytes), bytes.byteLength));
}
