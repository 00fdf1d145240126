/*
 * sign: the HMAC-SHA256 of a text with a key out of a credential, by host_get_credential. The key
 * stays here: only the signature goes out.
 *
 *   {"credential": "webhook", "text": "hello"} becomes {"algorithm": "HMAC-SHA256", "signature": "..."}
 *
 * The credential has the member key. Needs the grant {"host_get_credential": {"names": ["webhook"]}}.
 */
#include "noetl.h"

static const noetl_u32 K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static noetl_u32 turned(noetl_u32 x, int n) { return x >> n | x << (32 - n); }

static void block(noetl_u32 h[8], const noetl_u8 *at) {
  noetl_u32 w[64];
  for (int i = 0; i < 16; i++) {
    w[i] = (noetl_u32)at[4 * i] << 24 | (noetl_u32)at[4 * i + 1] << 16 |
           (noetl_u32)at[4 * i + 2] << 8 | at[4 * i + 3];
  }
  for (int i = 16; i < 64; i++) {
    noetl_u32 a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (turned(a, 7) ^ turned(a, 18) ^ a >> 3) + w[i - 7] +
           (turned(b, 17) ^ turned(b, 19) ^ b >> 10);
  }
  noetl_u32 s[8];
  for (int i = 0; i < 8; i++) s[i] = h[i];
  for (int i = 0; i < 64; i++) {
    noetl_u32 e = s[4], a = s[0];
    noetl_u32 t = s[7] + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) +
                  ((e & s[5]) ^ (~e & s[6])) + K[i] + w[i];
    noetl_u32 u = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) +
                  ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    for (int j = 7; j > 0; j--) s[j] = s[j - 1];
    s[4] += t;
    s[0] = t + u;
  }
  for (int i = 0; i < 8; i++) h[i] += s[i];
}

/* The SHA-256 of two texts in a row. */
static void sha256(noetl_text a, noetl_text b, noetl_u8 digest[32]) {
  noetl_u32 h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  noetl_u32 length = a.len + b.len;
  noetl_u32 padded = (length + 8) / 64 * 64 + 64;
  noetl_u8 *all = noetl_alloc(padded);
  for (noetl_u32 i = 0; i < padded; i++) {
    all[i] = i < a.len ? a.at[i] : i < length ? b.at[i - a.len] : i == length ? 0x80 : 0;
  }
  noetl_u64 bits = (noetl_u64)length * 8;
  for (int i = 0; i < 8; i++) all[padded - 1 - i] = (noetl_u8)(bits >> 8 * i);
  for (noetl_u32 i = 0; i < padded; i += 64) block(h, all + i);
  for (int i = 0; i < 32; i++) digest[i] = (noetl_u8)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void hmac(noetl_text key, noetl_text text, noetl_u8 digest[32]) {
  noetl_u8 shortened[32];
  if (key.len > 64) {
    sha256(key, (noetl_text){0, 0}, shortened);
    key = (noetl_text){shortened, 32};
  }
  noetl_u8 inner[64], outer[64], once[32];
  for (noetl_u32 i = 0; i < 64; i++) {
    noetl_u8 c = i < key.len ? key.at[i] : 0;
    inner[i] = c ^ 0x36;
    outer[i] = c ^ 0x5c;
  }
  sha256((noetl_text){inner, 64}, text, once);
  sha256((noetl_text){outer, 64}, (noetl_text){once, 32}, digest);
}

NOETL_EXPORT(execute) int execute(int input_len) {
  noetl_json input = noetl_input(input_len);
  noetl_json name = noetl_member(input, "credential");
  noetl_json text = noetl_member(input, "text");
  if (!noetl_is_string(name) || !noetl_is_string(text)) {
    return noetl_error("bad_input", "expected credential and text as strings", 0);
  }

  noetl_writer request = noetl_writer_new();
  noetl_put_char(&request, '{');
  noetl_put_key(&request, "name");
  noetl_put_json(&request, name);
  noetl_put_char(&request, '}');
  noetl_answer credential = NOETL_ASK(host_get_credential, &request);
  if (credential.code < 0) return noetl_refused(credential);
  noetl_json key = noetl_member(noetl_member(credential.document, "data"), "key");
  if (!noetl_is_string(key)) {
    return noetl_error("bad_credential", "expected a credential with the member key", 0);
  }

  noetl_u8 digest[32];
  hmac(noetl_string(key), noetl_string(text), digest);

  static const char hex[] = "0123456789abcdef";
  noetl_writer out = noetl_writer_new();
  noetl_put_raw(&out, "{\"algorithm\":\"HMAC-SHA256\",\"signature\":\"");
  for (int i = 0; i < 32; i++) {
    noetl_put_char(&out, hex[digest[i] >> 4]);
    noetl_put_char(&out, hex[digest[i] & 15]);
  }
  noetl_put_raw(&out, "\"}");
  return noetl_output(&out);
}
