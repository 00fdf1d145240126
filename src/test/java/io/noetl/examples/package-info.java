/**
 * Documents and examples are held against the program: every example runs as its header says, the
 * guide to five processes is followed to the letter, links, paths and command lines are looked up.
 * What a document claims and a test can try is tried here.
 */
@NullMarked
package io.noetl.examples;

import org.jspecify.annotations.NullMarked;
