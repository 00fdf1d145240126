package io.noetl.execution;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Data that a decision made and that is too large for an event. It must be stored before the events
 * are appended; left over from a decision that was not appended, it harms nobody.
 *
 * @param resultId id at the end of its uri
 * @param name under which it is listed
 * @param step the step that it belongs to, or null
 * @param json the data
 * @param reference object that the events carry
 */
public record NewResult(
    long resultId,
    String name,
    @Nullable String step,
    byte[] json,
    Map<String, @Nullable Object> reference) {}
