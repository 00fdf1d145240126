package io.noetl.api;

/** The routes of one resource; the method is their table of contents. */
interface Resource {
  void routing(Routes routes);
}
