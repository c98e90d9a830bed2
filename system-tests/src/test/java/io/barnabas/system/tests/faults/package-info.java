/**
 * A cluster of real processes with a real ensemble, real clients under load, and everything that can go wrong: the scenarios named FAULT.
 * Begin at {@link io.barnabas.system.tests.faults.LiveCluster}, then {@link io.barnabas.system.tests.faults.Load}. The short ones run in
 * the normal build, all of them by {@code system-tests/faults}.
 */
package io.barnabas.system.tests.faults;
