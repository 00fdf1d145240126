@org.jspecify.annotations.NullMarked
package io.noetl.tool.transfer;
