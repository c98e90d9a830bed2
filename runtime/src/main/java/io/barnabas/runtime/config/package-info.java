/**
 * Properties to typed values. {@link io.barnabas.runtime.config.ConfigReader} gathers every mistake and reports all of them in
 * one message; the typed records of the modules are built from it.
 */
package io.barnabas.runtime.config;
