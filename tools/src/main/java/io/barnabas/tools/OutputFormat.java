package io.barnabas.tools;

/** How results are printed. */
enum OutputFormat {
    /** Kafka's columns. */
    TEXT,
    /** One JSON value; commands that stream print one per line. */
    JSON
}
