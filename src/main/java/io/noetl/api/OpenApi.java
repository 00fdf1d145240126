package io.noetl.api;

import io.noetl.api.RouteDescriptions.Content;
import io.noetl.api.RouteDescriptions.Description;
import io.noetl.api.Routes.Route;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The OpenAPI 3.1 document: which routes there are says the router, what they take the file. */
final class OpenApi {
  private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)(\\.\\.\\.)?}");

  private final RouteDescriptions descriptions;

  private OpenApi(RouteDescriptions descriptions) {
    this.descriptions = descriptions;
  }

  static Map<String, @Nullable Object> document(List<Route> routes, String version) {
    return new OpenApi(RouteDescriptions.load()).of(routes, version);
  }

  private Map<String, @Nullable Object> of(List<Route> routes, String version) {
    Map<String, @Nullable Object> paths = new LinkedHashMap<>();
    for (Route route : routes) {
      String path = VARIABLE.matcher(route.template()).replaceAll("{$1}");
      Map<String, @Nullable Object> item = item(paths, path);
      item.put(route.method().text().toLowerCase(Locale.ROOT), operation(route));
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("openapi", "3.1.0");
    out.put("jsonSchemaDialect", "https://json-schema.org/draft/2020-12/schema");
    out.put("info", Map.of("title", "NoETL control plane", "version", version));
    out.put("paths", paths);
    out.put("components", components());
    return out;
  }

  @SuppressWarnings("unchecked") // made here
  private static Map<String, @Nullable Object> item(
      Map<String, @Nullable Object> paths, String path) {
    return (Map<String, @Nullable Object>)
        paths.computeIfAbsent(path, _ -> new LinkedHashMap<String, @Nullable Object>());
  }

  private Map<String, @Nullable Object> components() {
    Map<String, @Nullable Object> schemas = new LinkedHashMap<>(descriptions.types());
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("schemas", schemas);
    out.put(
        "responses",
        Map.of(
            "Problem",
            response(
                "A refusal or failure",
                Map.of("application/json", Map.of("schema", reference("Problem"))))));
    out.put("securitySchemes", Map.of("bearer", Map.of("type", "http", "scheme", "bearer")));
    return out;
  }

  private static Map<String, @Nullable Object> reference(String type) {
    return Map.of("$ref", "#/components/schemas/" + type);
  }

  private Map<String, @Nullable Object> operation(Route route) {
    Description description =
        descriptions.routes().get(route.method().text() + " " + route.template());
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("operationId", operationId(route));
    if (description != null) {
      out.put("summary", description.summary());
    }
    out.put("tags", List.of(tag(route.template())));
    out.put("x-noetl-class", route.access().word());
    out.put("x-noetl-body-limit", route.limit().name());
    if (route.access() == AccessClass.INTERNAL || route.access() == AccessClass.OPERATOR) {
      out.put("security", List.of(Map.of("bearer", List.of())));
    }
    List<@Nullable Object> parameters = parameters(route, description);
    if (!parameters.isEmpty()) {
      out.put("parameters", parameters);
    }
    if (description != null && !description.bodies().isEmpty()) {
      Map<String, @Nullable Object> body = new LinkedHashMap<>();
      body.put("required", description.bodyRequired());
      body.put("content", content(description.bodies(), true));
      out.put("requestBody", body);
    }
    out.put("responses", responses(description));
    return out;
  }

  /** Unique, as clients are generated from it. */
  private static String operationId(Route route) {
    StringBuilder id = new StringBuilder(route.method().text().toLowerCase(Locale.ROOT));
    for (String segment : route.template().split("[/{}._-]+")) {
      if (!segment.isEmpty()) {
        id.append(Character.toUpperCase(segment.charAt(0))).append(segment.substring(1));
      }
    }
    return id.toString();
  }

  private static String tag(String template) {
    String[] segments = template.split("/");
    return segments.length > 2 && segments[1].equals("api") ? segments[2] : "process";
  }

  private static List<@Nullable Object> parameters(Route route, @Nullable Description description) {
    List<@Nullable Object> out = new ArrayList<>();
    Matcher variables = VARIABLE.matcher(route.template());
    while (variables.find()) {
      String name = variables.group(1);
      boolean id = name.equals("id") || name.endsWith("_id");
      Map<String, @Nullable Object> schema = Shape.schema(id ? "id" : "text", false);
      out.add(parameter(name, "path", true, schema));
    }
    if (description != null) {
      members(description.query(), "query", out);
      members(description.headers(), "header", out);
    }
    return out;
  }

  private static void members(@Nullable String members, String in, List<@Nullable Object> out) {
    if (members == null) {
      return;
    }
    Map<String, @Nullable Object> schema = Shape.schema("{" + members + "}", false);
    if (schema.get("properties") instanceof Map<?, ?> properties) {
      List<?> required = schema.get("required") instanceof List<?> list ? list : List.of();
      properties.forEach(
          (name, member) ->
              out.add(parameter(String.valueOf(name), in, required.contains(name), member)));
    }
  }

  private static Map<String, @Nullable Object> parameter(
      String name, String in, boolean required, @Nullable Object schema) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("name", name);
    out.put("in", in);
    out.put("required", required);
    out.put("schema", schema);
    return out;
  }

  private static Map<String, @Nullable Object> content(List<Content> contents, boolean request) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    for (Content content : contents) {
      out.put(content.mediaType(), Map.of("schema", Shape.schema(content.shape(), request)));
    }
    return out;
  }

  private static Map<String, @Nullable Object> responses(@Nullable Description description) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    if (description != null) {
      Map<Integer, List<Content>> byStatus = new LinkedHashMap<>();
      for (Content reply : description.replies()) {
        byStatus.computeIfAbsent(reply.status(), _ -> new ArrayList<>()).add(reply);
      }
      byStatus.forEach(
          (status, replies) ->
              out.put(
                  Integer.toString(status),
                  response(status < 400 ? "Done" : "As it is", content(replies, false))));
    }
    out.put("default", Map.of("$ref", "#/components/responses/Problem"));
    return out;
  }

  private static Map<String, @Nullable Object> response(
      String description, Map<String, @Nullable Object> content) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("description", description);
    out.put("content", content);
    return out;
  }
}
