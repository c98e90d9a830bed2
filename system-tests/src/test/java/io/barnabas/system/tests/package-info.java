/**
 * The whole house: its rules, and whole brokers with real clients. Begin at {@link io.barnabas.system.tests.HouseRulesTest}.
 * The classes under {@code planted} break the rules on purpose, to show that each rule sees a violation.
 */
package io.barnabas.system.tests;
