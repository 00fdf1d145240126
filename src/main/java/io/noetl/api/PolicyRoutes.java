package io.noetl.api;

import io.noetl.catalog.Catalog;
import io.noetl.envelope.Ids;
import io.noetl.playbook.Diagnostic;
import io.noetl.policy.Claims;
import io.noetl.policy.Effect;
import io.noetl.policy.Mapping;
import io.noetl.policy.Policy;
import io.noetl.policy.Question;
import io.noetl.policy.Verdict;
import io.noetl.policy.compiled.Part;
import io.noetl.policy.compiled.Policies;
import io.noetl.policy.compiled.PolicySources;
import io.noetl.policy.compiled.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Policies: what they are made from, how they stand, and what they would say. */
final class PolicyRoutes implements Resource {
  private static final String PATH = "/api/internal/policies";

  private final Policies policies;
  private final PolicySources sources;
  private final Catalog catalog;
  private final Access access;
  private final Supplier<Routes> table;

  PolicyRoutes(
      Policies policies,
      PolicySources sources,
      Catalog catalog,
      Access access,
      Supplier<Routes> table) {
    this.policies = policies;
    this.sources = sources;
    this.catalog = catalog;
    this.access = access;
    this.table = table;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get(PATH, AccessClass.OPERATOR, _ -> all())
        .post(PATH + "/test", AccessClass.OPERATOR, this::test)
        .get(PATH + "/{part}", AccessClass.OPERATOR, this::one)
        .post(PATH + "/{part}", AccessClass.OPERATOR, this::set)
        .post(PATH + "/{part}/refresh", AccessClass.OPERATOR, this::refresh)
        .delete(PATH + "/{part}", AccessClass.OPERATOR, this::remove);
  }

  private Reply all() {
    List<@Nullable Object> parts = new ArrayList<>();
    for (Part part : Part.values()) {
      parts.add(shown(part));
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("parts", parts);
    out.put("max_age_seconds", policies.settings().maxAge().toSeconds());
    out.put(
        "when_stale",
        policies.settings().whenStale().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    return Reply.ok(out);
  }

  private Reply one(Call call) {
    Part part = part(call);
    Map<String, @Nullable Object> out = shown(part);
    out.put("source", sources.source(part));
    out.put("document", sources.document(part));
    return Reply.ok(out);
  }

  private static Part part(Call call) {
    Part part = Part.of(call.path("part"));
    if (part == null) {
      throw Problems.notFound("Expected policy auth or rbac, but got " + call.path("part"))
          .refusal();
    }
    return part;
  }

  private Map<String, @Nullable Object> shown(Part part) {
    Standing standing = policies.standing(part);
    Duration age = policies.age(part);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("part", part.word());
    out.put("playbook", part.playbook());
    out.put("state", state(policies, part));
    out.put("version", standing.version());
    out.put("rules", standing.rules());
    out.put("source_version", standing.wanted());
    out.put("compiled_from", standing.source());
    out.put("playbook_version", standing.compiler());
    out.put("set_by", standing.setBy().isEmpty() ? null : standing.setBy());
    out.put("set_at", text(standing.setAt()));
    out.put("compiled_at", text(standing.compiledAt()));
    out.put("confirmed_at", text(standing.confirmedAt()));
    out.put("age_seconds", age == null ? null : age.toSeconds());
    out.put("error", standing.error());
    Long execution = standing.executionId();
    out.put("compiling", execution == null ? null : Ids.text(execution));
    return out;
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }

  /** How a part stands, in a word. */
  static String state(Policies policies, Part part) {
    Standing standing = policies.standing(part);
    if (!standing.on()) {
      return "off";
    }
    if (!standing.compiled()) {
      return "not compiled";
    }
    return policies.stale(part) ? "stale" : "in force";
  }

  private Reply set(Call call) {
    Part part = part(call);
    if (access.mode().equals("off")) {
      throw Problems.conflict(
              "conflict",
              "Expected auth.mode token or gateway, but it is off: nobody is known whom a policy"
                  + " could be about")
          .refusal();
    }
    Map<String, @Nullable Object> source = source(call.json());
    String fault = sources.fault(source);
    if (fault != null) {
      throw Members.fault("source", fault);
    }
    int version = sources.set(part, source, call.subject());
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", "accepted");
    out.put("part", part.word());
    out.put("source_version", version);
    return Reply.ok(out);
  }

  /** The source as an object, or in a text of YAML or JSON. */
  private Map<String, @Nullable Object> source(Map<String, @Nullable Object> body) {
    Map<String, @Nullable Object> source = Members.map(body, "source");
    String content = Members.text(body, "content");
    if ((source == null) == (content == null)) {
      throw Members.fault(
          "source",
          "Expected one of source (an object) and content (a text of YAML), but got "
              + (source == null ? "none" : "both"));
    }
    if (content == null) {
      return source == null ? Map.of() : source;
    }
    List<Diagnostic> faults = catalog.documentFaults(content);
    if (!faults.isEmpty()) {
      Diagnostic first = faults.getFirst();
      throw Problems.invalid(
              "line " + first.line() + ": " + first.message(),
              faults.stream().map(Diagnostic::toMap).toList())
          .refusal();
    }
    return catalog.document(content);
  }

  private Reply refresh(Call call) {
    Part part = part(call);
    return done(part, sources.refresh(part) ? "accepted" : "off");
  }

  private Reply remove(Call call) {
    Part part = part(call);
    sources.remove(part, call.subject());
    return done(part, "removed");
  }

  private static Reply done(Part part, String status) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", status);
    out.put("part", part.word());
    return Reply.ok(out);
  }

  private Reply test(Call call) {
    Map<String, @Nullable Object> body = call.json();
    String method = Members.requiredText(body, "method").toUpperCase(Locale.ROOT);
    String asked = Members.requiredText(body, "route");
    Routes.Route route = table.get().find(method, asked);
    if (route == null) {
      throw Members.fault(
          "route", "Expected a route of this server, but got " + method + " " + asked);
    }
    String subject = Members.text(body, "subject", "somebody");
    Mapping.Given given = policies.given(new Claims(subject, texts(body, "groups"), claims(body)));
    Set<String> roles = new LinkedHashSet<>(texts(body, "roles"));
    roles.addAll(given.roles());
    String mapped = given.tenant();
    String tenant = Members.text(body, "tenant", mapped == null ? Access.DEFAULT_TENANT : mapped);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("subject", subject);
    out.put("tenant", tenant);
    out.put("roles", new ArrayList<>(new TreeSet<>(roles)));
    out.put("route", method + " " + route.template());
    String path = Members.text(body, "path");
    decide(out, route, roles, tenant, subject, path == null ? null : Catalog.normal(path));
    out.put("version", policies.standing(Part.RBAC).version());
    return Reply.ok(out);
  }

  private void decide(
      Map<String, @Nullable Object> out,
      Routes.Route route,
      Set<String> roles,
      String tenant,
      String subject,
      @Nullable String path) {
    boolean worker = roles.contains(Token.Role.WORKER.word());
    boolean operator = roles.contains(Token.Role.OPERATOR.word());
    boolean user = operator || roles.contains(Token.Role.USER.word());
    boolean everywhere = operator && tenant.equals(Access.EVERY_TENANT);
    boolean allowed =
        switch (route.access()) {
          case OPEN -> true;
          case USER -> user;
          case WORKER -> worker;
          case SHARED -> user || worker;
          case OPERATOR -> everywhere;
          case INTERNAL -> false;
        };
    if (!allowed) {
      verdict(out, false, "built-in rules: the route is for " + route.access().word(), null);
      return;
    }
    Caller caller =
        new Caller(
            tenant,
            subject,
            everywhere ? Caller.Reach.EVERY_TENANT : Caller.Reach.ONE_TENANT,
            worker,
            everywhere,
            roles);
    if (PolicyGate.exempt(caller, route.access())) {
      verdict(out, true, "built-in rules: no policy is asked about such a caller", null);
      return;
    }
    Question.About about =
        path == null
            ? RoutePaths.ofRoute(route.method().text(), route.template())
            : new Question.Entry(path);
    Policy policy = policies.rules();
    Verdict verdict =
        policy.decide(
            new Question(subject, tenant, roles, route.method().text(), route.template(), about));
    boolean open = about == Question.Open.LATER && policy.looksAtPaths();
    verdict(
        out,
        verdict.effect() == Effect.ALLOW,
        verdict.reason() + (open ? ", as far as can be said without a path" : ""),
        verdict.rule());
  }

  private static void verdict(
      Map<String, @Nullable Object> out, boolean allowed, String reason, @Nullable String rule) {
    out.put("allowed", allowed);
    out.put("reason", reason);
    out.put("rule", rule);
  }

  private static Set<String> texts(Map<String, @Nullable Object> body, String name) {
    List<@Nullable Object> list = Members.list(body, name);
    Set<String> texts = new LinkedHashSet<>();
    if (list != null) {
      for (Object value : list) {
        if (!(value instanceof String text)) {
          throw Members.wrong(name, "a list of texts", value);
        }
        texts.add(text);
      }
    }
    return texts;
  }

  private static Map<String, String> claims(Map<String, @Nullable Object> body) {
    Map<String, @Nullable Object> given = Members.map(body, "claims");
    Map<String, String> claims = new LinkedHashMap<>();
    if (given != null) {
      given.forEach(
          (name, value) -> {
            if (!(value instanceof String text)) {
              throw Members.wrong("claims." + name, "a text", value);
            }
            claims.put(name, text);
          });
    }
    return claims;
  }
}
