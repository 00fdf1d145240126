package io.noetl.tool.http;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Makes data of a response body. */
final class ResponseBodies {
  private static final Pattern CHARSET =
      Pattern.compile("charset\\s*=\\s*\"?([^\\s\";]+)", Pattern.CASE_INSENSITIVE);

  private ResponseBodies() {}

  /** Undoes a gzip content encoding, which some servers use unasked. */
  static byte[] decoded(byte[] body, HttpHeaders headers, int limit) throws IOException {
    String encoding = headers.firstValue("content-encoding").orElse("").toLowerCase(Locale.ROOT);
    if (body.length == 0 || !(encoding.equals("gzip") || encoding.equals("x-gzip"))) {
      return body;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length * 4);
    byte[] buffer = new byte[16 * 1024];
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      int count;
      while ((count = in.read(buffer)) >= 0) {
        if (out.size() + count > limit) {
          throw new LimitedBody.TooLarge(limit);
        }
        out.write(buffer, 0, count);
      }
    }
    return out.toByteArray();
  }

  static @Nullable Object data(byte[] body, HttpPlan.ResponseType type, HttpHeaders headers) {
    return switch (type) {
      case BINARY -> {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("base64", Base64.getEncoder().encodeToString(body));
        data.put("size", (long) body.length);
        yield data;
      }
      case TEXT -> text(body, headers);
      case JSON -> {
        if (body.length == 0) {
          yield "";
        }
        Charset charset = charset(headers);
        try {
          yield charset.equals(StandardCharsets.UTF_8)
              ? Json.parse(body)
              : Json.parse(text(body, headers));
        } catch (JsonException e) {
          yield text(body, headers);
        }
      }
    };
  }

  private static String text(byte[] body, HttpHeaders headers) {
    String text = new String(body, charset(headers));
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  private static Charset charset(HttpHeaders headers) {
    Matcher matcher = CHARSET.matcher(headers.firstValue("content-type").orElse(""));
    if (!matcher.find()) {
      return StandardCharsets.UTF_8;
    }
    try {
      return Charset.forName(matcher.group(1));
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      return StandardCharsets.UTF_8;
    }
  }
}
