/** What tests of several packages share: real servers. Nothing of the main code is faked here. */
@NullMarked
package io.noetl.testing;

import org.jspecify.annotations.NullMarked;
