/**
 * Registered documents: playbooks and plug-in modules, by path and version.
 *
 * <h2>Types and flow</h2>
 *
 * {@link io.noetl.catalog.Catalog} takes a text or a module, checks it whole, and stores it as the
 * next version of its path; a stored version never changes. It finds entries by id or by path and
 * version, and archives and restores them. {@link io.noetl.catalog.CatalogDefinitions} gives
 * decisions the parsed playbook that an execution pinned.
 *
 * <h2>What can fail</h2>
 *
 * Two registrations of one path at once: the unique key lets one have the version, the other takes
 * the next. The process dies in between: a module without an entry is left, found again by its
 * digest at the next try. An archived version stays readable, so an execution that pinned it in the
 * same moment goes on.
 *
 * <p>May import {@code postgres}, {@code playbook}, {@code execution} and {@code journal} (for the
 * interface of definitions). Must not know HTTP or the WASM runtime: admission of modules is handed
 * in as {@link io.noetl.catalog.ModuleInspector}.
 */
@NullMarked
package io.noetl.catalog;

import org.jspecify.annotations.NullMarked;
