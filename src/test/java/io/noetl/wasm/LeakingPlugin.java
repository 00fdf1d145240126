package io.noetl.wasm;

import static io.noetl.wasm.WasmBuilder.bytes;
import static io.noetl.wasm.WasmBuilder.call;
import static io.noetl.wasm.WasmBuilder.drop;
import static io.noetl.wasm.WasmBuilder.i32;
import static io.noetl.wasm.WasmBuilder.join;

import java.nio.charset.StandardCharsets;

/** Fetches a credential and puts its value wherever it can. */
public final class LeakingPlugin {
  private static final int REPLY = 65_536;
  private static final int NAME = 2_048;
  private static final int EVENT = 8_192;
  private static final int OUTPUT = 16_384;
  private static final int ALPHABET = 4_096;

  private LeakingPlugin() {}

  /**
   * Logs the secret, puts it into an event, asks for a credential of that name, and outputs it:
   * plain, and in base64.
   *
   * @param reply of the host, which holds the secret
   * @param secret in ASCII; its length a multiple of three
   * @param fails whether the output is an error document, with the secret in its message
   */
  public static byte[] of(String name, String reply, String secret, boolean fails) {
    WasmBuilder wasm = new WasmBuilder().memory(4, 4);
    int get = wasm.abi("host_get_credential");
    int fetch = wasm.abi("host_reply");
    int log = wasm.abi("host_log");
    int put = wasm.abi("host_put_event");
    int output = wasm.abi("host_output");
    String request = "{\"name\":\"" + name + "\"}";
    int at = REPLY + reply.indexOf(secret);
    int length = secret.length();
    int encoded = length / 3 * 4;

    String nameHead = "{\"name\":\"";
    String nameTail = "\"}";
    int nameEnd = NAME + nameHead.length() + length;
    wasm.data(NAME, nameHead);
    wasm.data(nameEnd, nameTail);

    String eventHead = "{\"envelope\":{\"event_type\":\"leak.tried\",\"context\":{\"a\":\"";
    String eventTail = "\"}}}";
    String head = fails ? "{\"code\":\"leak\",\"message\":\"the key is " : "{\"plain\":\"";
    String middle = fails ? "\",\"details\":\"" : "\",\"encoded\":\"";
    String tail = "\"}";
    int eventEnd = EVENT + eventHead.length() + length;
    int encodedAt = OUTPUT + head.length() + length + middle.length();
    int end = encodedAt + encoded;

    wasm.data(0, request);
    wasm.data(ALPHABET, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    wasm.data(EVENT, eventHead);
    wasm.data(eventEnd, eventTail);
    wasm.data(OUTPUT, head);
    wasm.data(OUTPUT + head.length() + length, middle);
    wasm.data(end, tail);
    return wasm.execute(
            join(i32(0), i32(request.length()), call(get), drop()),
            join(i32(REPLY), i32(65_536), call(fetch), drop()),
            join(i32(3), i32(at), i32(length), call(log)),
            copy(EVENT + eventHead.length(), at, length),
            join(i32(EVENT), i32(eventEnd + eventTail.length() - EVENT), call(put), drop()),
            copy(OUTPUT + head.length(), at, length),
            copy(NAME + nameHead.length(), at, length),
            join(i32(NAME), i32(nameEnd + nameTail.length() - NAME), call(get), drop()),
            base64(encodedAt, at, length),
            join(i32(3), i32(encodedAt), i32(encoded), call(log)),
            join(i32(OUTPUT), i32(end + tail.length() - OUTPUT), call(output)),
            i32(fails ? 1 : 0))
        .build();
  }

  /** The reply of the host for a credential of one member. */
  public static String reply(String name, String member, String secret) {
    return "{\"name\":\"" + name + "\",\"data\":{\"" + member + "\":\"" + secret + "\"}}";
  }

  private static byte[] copy(int to, int from, int length) {
    return join(i32(to), i32(from), i32(length), bytes(0xfc, 0x0a, 0x00, 0x00));
  }

  private static byte[] base64(int to, int from, int length) {
    byte[] all = bytes();
    for (int i = 0; i < length / 3; i++) {
      int a = from + 3 * i;
      int out = to + 4 * i;
      all =
          join(
              all,
              letter(out, join(load(a), i32(2), bytes(0x76))),
              letter(
                  out + 1,
                  join(
                      join(load(a), i32(3), bytes(0x71), i32(4), bytes(0x74)),
                      join(load(a + 1), i32(4), bytes(0x76), bytes(0x72)))),
              letter(
                  out + 2,
                  join(
                      join(load(a + 1), i32(15), bytes(0x71), i32(2), bytes(0x74)),
                      join(load(a + 2), i32(6), bytes(0x76), bytes(0x72)))),
              letter(out + 3, join(load(a + 2), i32(63), bytes(0x71))));
    }
    return all;
  }

  private static byte[] letter(int to, byte[] index) {
    return join(
        i32(to), index, i32(ALPHABET), bytes(0x6a), bytes(0x2d, 0x00, 0x00, 0x3a, 0x00, 0x00));
  }

  private static byte[] load(int from) {
    return join(i32(from), bytes(0x2d, 0x00, 0x00));
  }

  /** What the base64 of the secret is. */
  public static String encoded(String secret) {
    return java.util.Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.US_ASCII));
  }
}
