package io.noetl.api;

import io.noetl.playbook.PlaybookSchema;

/** Schemas of documents, for editors and other tools. */
final class SchemaRoutes implements Resource {
  private static final String TYPE = "application/schema+json";

  private final byte[] playbook = PlaybookSchema.bytes();

  @Override
  public void routing(Routes routes) {
    routes.get(
        "/api/schema/playbook",
        AccessClass.OPEN,
        _ -> Reply.bytes(TYPE, playbook).withHeader("Cache-Control", "public, max-age=3600"));
  }
}
