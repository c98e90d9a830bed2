/**
 * What {@code server.properties} says, in types. {@link io.barnabas.broker.config.ConfigCatalog} knows every key that Kafka 3.9 and
 * 4.3 know and what becomes of it here; {@link io.barnabas.broker.config.BrokerConfig} is the one record that the broker is built
 * from. Nothing here opens, binds or connects.
 */
package io.barnabas.broker.config;
