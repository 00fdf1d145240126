package io.noetl.playbook.template;

/**
 * A default of the workload that holds template text: rendered against the reader's scope each time
 * a template reads it, at most five deep.
 *
 * @param text the template text as written in the playbook
 */
public record LazyText(String text) {}
