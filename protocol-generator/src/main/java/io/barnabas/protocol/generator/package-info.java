/**
 * Turns Kafka's message schemas, the JSON files inside the kafka-clients jar, into plain Java classes at build time.
 * Nothing of Kafka's code is taken over; only the facts of the wire are.
 * Begin at {@link io.barnabas.protocol.generator.GenerateMessagesMojo}; {@link io.barnabas.protocol.generator.SchemaParser}
 * reads, {@link io.barnabas.protocol.generator.MessageClassWriter} writes.
 */
package io.barnabas.protocol.generator;
