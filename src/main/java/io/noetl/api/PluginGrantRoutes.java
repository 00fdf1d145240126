package io.noetl.api;

import io.noetl.catalog.PluginGrantStore;
import io.noetl.catalog.PluginGrantStore.Grants;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an operator lets the plug-ins of a path do. */
final class PluginGrantRoutes implements Resource {
  private static final String ROUTE = "/api/internal/plugin-grants/{path...}";

  private final PluginGrantStore grants;

  PluginGrantRoutes(PluginGrantStore grants) {
    this.grants = grants;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get(ROUTE, AccessClass.OPERATOR, this::get)
        .post(ROUTE, AccessClass.OPERATOR, this::set)
        .delete(ROUTE, AccessClass.OPERATOR, this::reset);
  }

  private Reply get(Call call) {
    return shown(call, grants.of(call.tenant(), call.path("path")));
  }

  private Reply set(Call call) {
    Map<String, @Nullable Object> asked = Members.map(call.json(), "grants");
    if (asked == null) {
      throw Members.missing("grants");
    }
    Map<String, Map<String, @Nullable Object>> terms = new LinkedHashMap<>();
    for (String name : asked.keySet()) {
      if (!grants.known().contains(name)) {
        throw Members.fault(
            "grants." + name,
            "Expected capabilities out of " + grants.known() + ", but got " + name);
      }
      Map<String, @Nullable Object> own = Members.map(asked, name);
      terms.put(name, own == null ? Map.of() : own);
    }
    PluginTerms.check(terms);
    return shown(call, grants.set(call.tenant(), call.path("path"), terms, call.subject()));
  }

  private Reply reset(Call call) {
    grants.reset(call.tenant(), call.path("path"));
    return get(call);
  }

  private static Reply shown(Call call, Grants granted) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("path", call.path("path"));
    out.put("tenant", granted.tenantId());
    out.put("grants", granted.terms());
    return Reply.ok(out);
  }
}
