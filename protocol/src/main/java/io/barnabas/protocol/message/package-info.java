/**
 * The messages of the public wire, one class per request, response and header, generated at build time from Kafka's
 * schemas and never edited, and beside them by hand what they lean on: a reader that trusts no length, a writer, and
 * {@link io.barnabas.protocol.message.Records}, bytes that are passed on and never copied.
 * Nothing here knows which API is served or what a field means.
 * Begin at {@link io.barnabas.protocol.message.ApiMessage}.
 */
package io.barnabas.protocol.message;
