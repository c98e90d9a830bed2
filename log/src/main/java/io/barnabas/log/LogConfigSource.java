package io.barnabas.log;

/** Tells how a topic's partitions are kept, for those found on disk at start. */
@FunctionalInterface
public interface LogConfigSource {
    /** The topic's configuration; the broker's defaults for a topic that is not known (yet). */
    LogConfig configOf(String topic);
}
